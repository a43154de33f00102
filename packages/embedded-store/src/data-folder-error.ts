/** Why a data folder cannot be opened, said to the operator who has to act on it. */

export type DataFolderProblem =
  /** Another process has it open. */
  | 'LOCKED'
  /** The data file is damaged, or a part of the folder is missing. */
  | 'CORRUPT'
  /** Written by a newer release than this one. */
  | 'NEWER_FORMAT'
  /** `format.json` is not what this product writes. */
  | 'FORMAT_UNREADABLE'
  /** The folder cannot be made or written. */
  | 'NOT_WRITABLE';

/** `message` is one line that names the folder, the problem and the way out. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
  readonly code: DataFolderProblem;

  constructor(code: DataFolderProblem, message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.code = code;
  }
}
