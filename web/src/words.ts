// Every text of the page. What the window says too is said in its words: tests/words.test.mjs compares them.

import type { Face, Report, State } from './photo';

export const INVITATION = 'Drop photos here';
export const CHOOSE = 'Choose photos…';
export const PROMISE =
  'visard changes the faces in your photos slightly, so that face-search engines no longer match them to you. Then it checks the saved files.';
export const PRIVATE =
  'Your photos stay on this device: all is done in this page, and your browser is told to refuse it any upload. Your originals are never changed.';
export const STRENGTH = 'Strength';
export const START = 'Protect';
export const CANCEL = 'Cancel';
export const CLEAR = 'Clear the list';
export const RETRY = 'Try again';
export const REMOVE = 'Remove';
export const COMPARE = 'Compare';
export const CLOSE = 'Close';
export const DOWNLOAD = 'Download';
export const DOWNLOAD_ALL = 'Download all';
export const ORIGINAL = 'Original';
export const SAVED_PHOTO = 'Saved photo';
export const SLIDER = 'Position of the line between original and protected photo, in percent';
export const READY = 'Ready. Works without a connection, too.';
export const NOT_STORED = 'Ready.';
export const CLEAR_SURE = 'Photos that were not downloaded are lost. Clear the list?';
export const NOT_SHOWN = 'This browser cannot show the photo.';
export const MEANING = 'What this means, and what it does not';
export const LIMITS = [
  '“Protected” means: independent checks, networks that were not used to change the photo, looked at the saved file, and none of them takes the face for the one in your original.',
  'It says nothing about networks that were not asked. A face-search engine may use better ones.',
  'What you publish cannot be changed any more. A later network may see through the change.',
  'Photos of you that are already public, or that others post, are not covered.',
  'It does not stop people who know you, or a search by place, clothes or context.',
  'Whoever looks for it may be able to tell that a photo was changed.',
];

export const STRENGTHS = [
  ['auto', 'As needed', 'For each face the weakest change that the checks accept with a margin. Takes longest.'],
  ['subtle', 'Subtle', 'Looks natural; seen beside the original; protects less.'],
  ['standard', 'Standard', 'May be seen on smooth skin.'],
  ['strong', 'Strong', 'Seen on smooth skin; protects most.'],
] as const;

const STATES: Record<State, string> = {
  waiting: 'Waiting',
  working: 'Working',
  protected: 'Protected',
  'no-face': 'No face found',
  'still-recognisable': 'Still recognisable',
  failed: 'Failed',
};

export const state = (state: State): string => STATES[state];

export const photos = (n: number): string => (n === 1 ? '1 photo' : `${n} photos`);
export const faces = (n: number): string => (n === 1 ? '1 face' : `${n} faces`);

export function duration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Which photo is in work, and how long all still take. */
export const progress = (number: number, all: number, seconds: number): string =>
  `Photo ${number} of ${all}. About ${duration(seconds)} left`;
export const fetching = (done: number, all: number): string =>
  `Getting what is needed, once: ${(done / 1e6).toFixed(0)} of ${(all / 1e6).toFixed(0)} MB`;
export const unreachable = (reason: string): string =>
  `What is needed could not be had (${reason}). Reload the page to try again.`;
export const BROKE_OFF = 'the work on it broke off; the photo may be too large for this browser';

/** The answer to "does it work?" for a photo, in one sentence. */
export function verdict(report: Report): string {
  const chosen = report.faces.filter((face) => face.chosen);
  switch (report.status) {
    case 'protected':
      return `${noneOf(report)} recognises ${chosen.length === 1 ? 'the face' : 'any of the faces'} in the saved photo.`;
    case 'no-face':
      return 'No face was found, so nothing was changed and nothing was saved.';
    case 'still-recognisable': {
      const known = chosen.filter((face) => !face.protected).length;
      return `NOT protected: ${known} of ${faces(chosen.length)} still recognised in the saved photo.`;
    }
    case 'not-the-same-photo':
      return 'NOT protected: the saved file does not show this photo. Protect it again.';
    default:
      return `It could not be protected: ${report.reason ?? 'unknown'}.`;
  }
}

function noneOf(report: Report): string {
  const judges = (face: Face) => face.similarities.filter((opinion) => opinion.role === 'judge').length;
  const checks = Math.max(0, ...report.faces.map(judges));
  if (checks === 0) return 'No check';
  if (checks === 1) return 'The check that was asked no longer';
  return checks === 2 ? 'Neither of the two checks' : `None of the ${checks} checks`;
}

/** What is said of one face of a photo. */
export function face(face: Face, number: number): string {
  const said = face.chosen ? (face.protected ? 'protected' : 'still recognised') : 'left as it was';
  return `Face ${number}: ${said}. ${seen(face)}`;
}

function seen(face: Face): string {
  const score = face.ssimulacra2;
  if (score === null) return 'How much can be seen is not known: the face is too small.';
  if (score >= 90) return 'Not seen beside the original.';
  return score >= 30 ? 'Seen beside the original only.' : 'Seen.';
}

/** The answer for all photos, in one plain sentence. */
export function answer(done: number, safe: number): string {
  if (done === 0) return '';
  if (safe === 0) return done === 1 ? 'The photo is NOT protected.' : `None of the ${photos(done)} is protected.`;
  if (safe === done) return done === 1 ? 'The photo is protected.' : `All ${photos(done)} are protected.`;
  return `${safe} of ${photos(done)} ${safe === 1 ? 'is' : 'are'} protected.`;
}
