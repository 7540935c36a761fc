/** What to say, and the way back. */
export interface DoneOptions {
  undo?: () => Promise<void>;
  undoLabel?: string;
}

// The toasts and their library are loaded when the first is shown.
const shown = () => import('./toasts');

/** Says that something was done, with a way back for a while. */
export function toastDone(message: string, options: DoneOptions = {}): void {
  void shown().then(({ showDone }) => showDone(message, options));
}

/** Says what went wrong and how to go on. */
export function showProblem(error: unknown): void {
  void shown().then(({ showFailed }) => showFailed(error));
}
