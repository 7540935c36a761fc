import { lazily } from '@/ui/lazily';

/** The place to drop files, without its code in pages that only show files. */
export const UploadZone = lazily(() => import('./UploadZone').then((part) => part.UploadZone));
