// A photo of the list and what the engine says of it: fields of visard's report (docs/report.md) that the page shows.

export type Status =
  | 'protected'
  | 'no-face'
  | 'still-recognisable'
  | 'not-the-same-photo'
  | 'failed';
export type State = 'waiting' | 'working' | Exclude<Status, 'not-the-same-photo'>;

export interface Opinion {
  network: string;
  role: 'judge' | 'surrogate';
  similarity: number;
  threshold: number | null;
}

export interface Face {
  chosen: boolean;
  protected: boolean;
  ssimulacra2: number | null;
  similarities: Opinion[];
}

export interface Report {
  status: Status;
  reason: string | null;
  faces: Face[];
}

export interface Photo {
  file: File;
  state: State;
  /** Share of the work that is done. */
  done: number;
  report?: Report;
  /** The protected file. */
  output?: File;
  /** Addresses of both pictures, as far as they were asked for. */
  original?: string;
  saved?: string;
}

export const isFinished = (photo: Photo): boolean => photo.state !== 'waiting' && photo.state !== 'working';

/** Takes in what became of a photo. */
export function finish(photo: Photo, report: Report, file: Uint8Array<ArrayBuffer> | undefined): void {
  photo.report = report;
  photo.state = report.status === 'not-the-same-photo' ? 'still-recognisable' : report.status;
  if (file) {
    const [ending, type] = kind(file);
    // A file that is not protected says so in its name, wherever it is moved.
    const name = photo.file.name.replace(/\.[^.]*$/, '') + (photo.state === 'protected' ? '-protected' : '-NOT-protected');
    photo.output = new File([file], `${name}.${ending}`, { type });
  }
}

/** Ending and type of a file that visard wrote. */
function kind(file: Uint8Array): [string, string] {
  const text = String.fromCharCode(...file.subarray(0, 12));
  if (text.startsWith('\x89PNG')) return ['png', 'image/png'];
  if (text.startsWith('RIFF')) return ['webp', 'image/webp'];
  if (text.slice(8, 12) === 'avif') return ['avif', 'image/avif'];
  if (text.slice(4, 8) === 'ftyp') return ['heic', 'image/heic'];
  if (/^(II\*|MM\0)/.test(text)) return ['tiff', 'image/tiff'];
  return ['jpg', 'image/jpeg'];
}
