// What the page and its worker say to each other.

export type Order =
  | { kind: 'protect'; photo: Uint8Array<ArrayBuffer>; strength: string }
  | { kind: 'picture'; photo: Uint8Array<ArrayBuffer> };

export type Answer =
  | { kind: 'fetching'; done: number; all: number }
  | { kind: 'ready'; threads: number }
  | { kind: 'unreachable'; reason: string }
  | { kind: 'progress'; done: number }
  | { kind: 'done'; report: string; file: Uint8Array<ArrayBuffer> | undefined }
  | { kind: 'failed'; reason: string }
  | { kind: 'broken' }
  | { kind: 'picture'; file: Uint8Array<ArrayBuffer> | undefined };
