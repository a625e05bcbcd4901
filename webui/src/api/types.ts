// Made from src/api/openapi.json by `npm run types`: change it there.

export interface Error {
  status: 'error';
  code: string;
  message: string;
}

export interface Success {
  status: 'success';
}

export interface Enhanced {
  status: 'success';
  output_path: string;
  inference_time: string;
}

export interface Options {
  /** 0 (unchanged) to 100 */
  strength: number;
  /** natural keeps skin texture, strong does not */
  mode: 'natural' | 'strong';
  /** Keep the photo's colours */
  protect_tone: boolean;
  /** Leave smaller faces alone (pixels) */
  min_face: number;
  /** Restore at most so many faces */
  max_faces: number;
  /** The photo is one square, aligned face: run the network alone */
  aligned: boolean;
  /** Format of the results; default: as the photo */
  format: 'jpeg' | 'png' | 'webp' | 'tiff' | 'heic' | 'avif' | null;
  /** 1 to 100; default: about the photo's own */
  quality: number | null;
  /** A missed face, from brows to chin: X,Y,W,H in upright pixels; several with ; between them */
  face?: string | null;
  /** Leave the faces whose middle lies in X,Y,W,H alone */
  leave?: string | null;
  /** Also take photos of which a part is missing */
  take_damaged?: boolean;
  /** Make the photo so many times as wide and high */
  enlarge?: '1' | '2' | '4';
  /** Take away noise, compression and printed dots, by what there is: 50 suits it, 0 (unchanged) to 100 */
  clean?: number;
  /** Take blur from the whole photo, by what it has of it: 0 (unchanged) to 100 */
  sharpen?: number;
  /** Fill scratches, dust, tears, folds and stains: 0 (none) to 100, the more the less surely they are damage */
  repair?: number;
  /** Damage that is not found: strokes over it, WIDTH,X,Y,X,Y... in upright pixels, with ; between them */
  damage?: string | null;
  /** Strokes over what is taken for damage and is none: it stays as it is */
  undamaged?: string | null;
  /** Bring back faded light and colours: 0 (unchanged) to 100 */
  fading?: number;
  /** keep the tone of a photo of one tone, or make it neutral */
  sepia?: 'keep' | 'neutral';
  /** Make a dark photo lighter: 0 (unchanged) to 100 */
  lighten?: number;
  /** Leave the place where the photo was taken out of the result */
  remove_place?: boolean;
  /** Name of an installed model, or auto: by each face's size */
  model?: string | null;
}

export interface OptionFields {
  /** Sets several options at once; those that are given too win */
  preset?: 'faces-only' | 'old-photo' | 'small-photo' | 'camera-still' | 'before-sharing';
  strength?: Options['strength'];
  mode?: Options['mode'];
  protect_tone?: Options['protect_tone'];
  min_face?: Options['min_face'];
  max_faces?: Options['max_faces'];
  aligned?: Options['aligned'];
  format?: Options['format'];
  quality?: Options['quality'];
  face?: Options['face'];
  leave?: Options['leave'];
  take_damaged?: Options['take_damaged'];
  enlarge?: Options['enlarge'];
  clean?: Options['clean'];
  sharpen?: Options['sharpen'];
  repair?: Options['repair'];
  damage?: Options['damage'];
  undamaged?: Options['undamaged'];
  fading?: Options['fading'];
  sepia?: Options['sepia'];
  lighten?: Options['lighten'];
  remove_place?: Options['remove_place'];
  model?: Options['model'];
}

export type UploadForm = OptionFields & {
  /** A photo; may be repeated in /api/v1/jobs. */
  image: string;
  /** The options as one JSON object instead of single fields. */
  options?: string;
  /** Name of a batch that the photos belong to. */
  batch?: string;
  /** An existing batch that the photos join. */
  batch_id?: number;
  priority?: 'interactive' | 'batch';
};

export interface NewUpload {
  name: string;
  /** Size of the whole photo. */
  bytes: number;
  options?: OptionFields;
  /** An existing batch that the photo joins; it also shows a photo that cannot be restored. */
  batch_id?: number;
  priority?: 'interactive' | 'batch';
}

export interface PartialUpload {
  id: string;
  name: string;
  /** Bytes that have arrived: go on from here. */
  offset: number;
  bytes: number;
  /** When it is forgotten, unless more comes. */
  expires: string;
  /** Of the complete photo. */
  job: Job | null;
}

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

export type JobPriority = 'interactive' | 'batch' | 'watch';

export interface JobError {
  code: string;
  message: string;
}

export interface JobResult {
  output_path: string;
  seconds: number;
  url: string;
  before: string;
  after: string;
  report: string;
  /** A picture of what was repaired, to be laid over the photo; null where nothing was. */
  mask: string | null;
  /** Restored as one picture: faces were not looked for. */
  whole: boolean;
  /** Found. */
  faces: number;
  restored: number;
  /** That may no longer look like the same person. */
  doubtful: number;
}

export interface JobCounts {
  queued: number;
  running: number;
  done: number;
  failed: number;
  cancelled: number;
}

export interface Job {
  id: number;
  name: string;
  state: JobState;
  priority: JobPriority;
  batch: number | null;
  cached: boolean;
  attempts: number;
  max_attempts: number;
  cancel_requested: boolean;
  step: string;
  progress: number;
  input_bytes: number;
  /** Of all that is kept of the result: the file, its report, views and faces. */
  result_bytes: number;
  /** Whether the photo that was sent is still kept. */
  original_kept: boolean;
  created: string | null;
  started: string | null;
  finished: string | null;
  /** Not deleted by its age, nor to save space. */
  pinned: boolean;
  /** When it was put into the bin. */
  binned: string | null;
  /** When it is deleted for good, at the latest; null: no time is set. */
  kept_until: string | null;
  error: JobError | null;
  result: JobResult | null;
  /** The name of who added it; null where nobody with a name did. */
  added_by: string | null;
  /** The other machine that does it or did it; null where it is this one. */
  machine: string | null;
  /** Of a job that is not finished, where this machine's speed is known. */
  estimated_seconds: number | null;
  options: Options | null;
}

export interface JobPage {
  jobs: Job[];
  next_before: number | null;
}

export interface Submitted {
  jobs: Job[];
  batch: Batch | null;
}

export interface Batch {
  id: number;
  name: string;
  created: string | null;
  /** As of a job: all its photos are one person's. */
  added_by: string | null;
  total: number;
  finished: boolean;
  counts: JobCounts;
  zip: string;
}

export interface Blend {
  available: boolean;
  reason: string | null;
  adjusted: boolean;
  /** Of a watched photo: whether its output folder has this result. Null for others. */
  in_folder: boolean | null;
  faces: Options['strength'][];
  mode: Options['mode'];
  protect_tone: Options['protect_tone'];
}

export interface Settings {
  pause_between_seconds: number;
  /** From the next start on. auto: by each face's size. */
  model: string;
  running_model: string;
  models: string[];
  /** Finished photos are deleted after so many days; 0: never. */
  keep_days: number;
  /** Deleted photos stay in the bin so many days; 0: there is no bin. */
  bin_days: number;
  needs_token: boolean;
  /** Everybody who reaches this machine may use the service: it has no token. */
  open_to_network: boolean;
}

export interface Model {
  name: string;
  /** Of its weights. */
  version: string;
  task: 'restoration';
  /** Pixels a side of the picture of a face that it takes. */
  input_size: number;
  license: string;
  /** Where its weights come from. */
  provenance: string;
  /** Whether auto may choose it. */
  in_auto: boolean;
}

export interface Models {
  /** The model, or auto, of photos that ask for none. */
  usual: string;
  /** auto can be asked for where one of them is in it. */
  models: Model[];
}

export interface BatchPage {
  batches: Batch[];
  next_before: number | null;
}

export interface QueueEvent {
  sequence: number;
  time: string;
  /** Without a job: of the whole queue, or (binned, put_back) of jobs of the batch. */
  kind:
    | 'created'
    | 'started'
    | 'progress'
    | 'requeued'
    | 'cancel_requested'
    | 'finished'
    | 'deleted'
    | 'queue_paused'
    | 'queue_resumed'
    | 'binned'
    | 'put_back'
    | 'pinned';
  job: number | null;
  batch: number | null;
  state: JobState | null;
  step: string;
  progress: number;
  message: string;
}

export interface EventPage {
  events: QueueEvent[];
  last: number;
  gap: boolean;
}

export interface Heat {
  enabled: boolean;
  action: 'run' | 'slow_down' | 'stop';
  has_sensor: boolean;
  sensor: string | null;
  celsius: number | null;
  limit_celsius: number | null;
  message: string;
}

export interface Queue {
  paused: boolean;
  counts: JobCounts;
  /** Jobs in the bin. */
  binned: number;
  running: number;
  held_reason: string;
  pausing_between_jobs: boolean;
  quiet: boolean;
  stored_bytes: number;
  last_sequence: number;
  heat: Heat;
  model: string;
  version: string;
}

export interface WatchedFolder {
  name: string;
  path: string;
  /** A name: folder beside each photo; a path: another root with the same tree. */
  output: string;
  state: 'starting' | 'watching' | 'polling' | 'unreachable' | 'held';
  waiting: number;
  done: number;
  failed: number;
  /** What a person should know; empty if all is well. */
  message: string;
}

export interface Preset {
  name: string;
  description: string;
  options: OptionFields;
}

export interface Presets {
  presets: Preset[];
}

export interface Estimate {
  /** null where it was never measured. */
  seconds: number | null;
}

export interface Machine {
  name: string;
  /** Photos that it does at the same time. */
  slots: number;
  /** Photos that it does now, those of others too. */
  running: number;
  /** Why it takes none of ours now; empty where it does. */
  held_reason: string;
  /** Photos of ours since the service started. */
  done: number;
  failed: number;
  /** Photos that went back to the queue, because the machine did not do them. */
  given_back: number;
}

export interface Machines {
  /** Those that answer now. */
  machines: Machine[];
  /** Photos that are on their way or being done elsewhere. */
  handed_out: number;
  /** Why nothing is handed out; empty where all is well. */
  problem: string;
  /** Whether the service hands photos out at all. */
  enabled: boolean;
}

/** A manager may change settings and people, and sees all. */
export type Role = 'manager' | 'member';

/** Whose photos somebody sees. */
export type Sees = 'all' | 'own';

export interface Person {
  id: number;
  name: string;
  role: Role;
  sees: Sees;
  created: string | null;
  /** About; null: never. */
  last_seen: string | null;
}

export interface People {
  people: Person[];
  /** The configuration has a token, whose holder is a manager too. */
  has_owner_token: boolean;
}

export interface NewPerson {
  name: string;
  role?: Role;
  sees?: Sees;
}

export interface PersonChange {
  name?: string;
  role?: Role;
  sees?: Sees;
}

export interface Admission {
  person: Person;
  token: string;
}

export interface Session {
  signed_in: boolean;
  /** Null: nobody by name; signed in, that is the owner. */
  person: {
    id: number;
    name: string;
  } | null;
  manager: boolean;
  sees: Sees;
  has_people: boolean;
  needs_token: boolean;
}

export interface Watch {
  folders: WatchedFolder[];
}

export interface Face {
  /** x, y, width and height in the upright photo, in pixels */
  box: [number, number, number, number];
  score: number;
  /** x and y of each of 68 points. */
  landmarks: Array<[number, number]>;
  /** A person marked it (option face). Reports of older versions do not say. */
  by_hand?: boolean;
  /** Pixels of the network's input per pixel of the photo. */
  scale?: number;
  skipped: boolean;
  /** Why it was skipped. */
  reason?: string;
  identity_similarity: number | null;
  /** Name and version of the network that restored it. Reports of older versions do not say. */
  model?: string;
  /** Part of the strength that was used: lowered where the identity changed. */
  weight: number;
  /** Why only that part was used. */
  held_back?: string;
}

export interface Report {
  input: string;
  output: string | null;
  format: string;
  width: number;
  height: number;
  faces_restored: number;
  /** Of restored faces, that were made dark; only where there are any. */
  red_eyes?: number;
  /** Whether the result is more than the photo itself. Reports of older versions do not say. */
  restored_anything?: boolean;
  quarter_turns?: number;
  /** What may be faces, as boxes for the option face. Reports of older versions do not say. */
  doubtful?: Array<[number, number, number, number]>;
  peak_memory_bytes?: number;
  /** So many times as large; this and the next four only where all of it was changed. */
  enlarged?: number;
  /** Percent, as asked for. */
  cleaned?: number;
  /** How much that was by what the photo has of noise and compression, 0 to 1. Reports of older versions do not say. */
  cleaning_amount?: number;
  result_width?: number;
  result_height?: number;
  /** The photo was a still of an interlaced video; its rows were put in their places. */
  interlaced?: boolean;
  /** Pixels from wave to wave of a textured paper, where its texture was taken away. */
  paper?: number;
  /** Pixels from dot to dot of a printed picture, where its dots were taken away. */
  screen?: number;
  /** Percent; this and the next only where blur was looked for. */
  sharpened?: number;
  /** The deviation in pixels of the blur that was taken away; 0 where the photo was sharp. */
  blur?: number;
  /** Percent; this and the next two only where damage was looked for or drawn. */
  repaired?: number;
  repaired_places?: number;
  /** Of all pixels, 0 to 1. */
  repaired_share?: number;
  /** The photo told where it was taken; the result does not. */
  place_removed?: boolean;
  /** Where darkness was looked for. */
  lightened?: {
    percent: number;
    /** How many times as light the darkest parts became; 1: nothing was changed. */
    gain: number;
  };
  /** Where fading was looked for. */
  fading?: {
    percent: number;
    changed: boolean;
    /** The photo is sepia, or has another single tone. */
    one_tone: boolean;
    sepia: 'keep' | 'neutral';
    /** The darkest of each channel before, 0 to 1. */
    black: [number, number, number];
    white: [number, number, number];
  };
  /** Restored as one picture: faces were not looked for. Reports of older versions do not say. */
  whole?: boolean;
  faces: Face[];
  times_ms: Record<string, number>;
  /** Names and versions of the networks that ran. */
  model: string;
  warnings: string[];
}
