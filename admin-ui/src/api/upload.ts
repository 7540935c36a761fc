import type { Upload } from './schema';
import { ApiProblem } from './problem';

/** Sends a file where the API said, exactly so. `onProgress` gets 0 to 1. Throws {@link ApiProblem}. */
export function sendFile(upload: Upload, content: Blob, onProgress: (part: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    // Not `fetch`: it cannot say how much was sent.
    const request = new XMLHttpRequest();
    request.open(upload.method, upload.url);
    for (const [name, value] of Object.entries(upload.headers)) {
      // The browser sets these two by itself.
      if (!/^(host|content-length)$/i.test(name)) request.setRequestHeader(name, value);
    }
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0));
    request.addEventListener('error', () => reject(ApiProblem.offline()));
    request.addEventListener('load', () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(new ApiProblem(request.status, {}, 'upload-refused'));
    });
    request.send(content);
  });
}

/** The SHA-256 of a file, in hexadecimal. */
export async function sha256(content: Blob): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(await content.arrayBuffer()));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
