// What /api/v1 answers, as /api/v1/openapi.json describes it.

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
export type Mode = 'natural' | 'strong';

export interface Options {
  strength: number;
  mode: Mode;
  protect_tone: boolean;
  min_face: number;
  max_faces: number;
  aligned: boolean;
  format: string | null;
  quality: number | null;
}

export interface JobResult {
  output_path: string;
  seconds: number;
  url: string;
  before: string;
  after: string;
  report: string;
  whole: boolean; // Restored as one picture: faces were not looked for.
  faces: number; // Found.
  restored: number;
  doubtful: number; // That may no longer look like the same person.
}

export interface Job {
  id: number;
  name: string;
  state: JobState;
  priority: 'interactive' | 'batch' | 'watch';
  batch: number | null;
  cached: boolean;
  attempts: number;
  max_attempts: number;
  cancel_requested: boolean;
  step: string;
  progress: number;
  input_bytes: number;
  result_bytes: number;
  original_kept: boolean;
  created: string | null;
  started: string | null;
  finished: string | null;
  error: { code: string; message: string } | null;
  result: JobResult | null;
  options: Options | null;
}

export interface JobPage {
  jobs: Job[];
  next_before: number | null;
}

export interface Batch {
  id: number;
  name: string;
  created: string | null;
  total: number;
  finished: boolean;
  counts: Record<JobState, number>;
  zip: string;
}

export interface BatchPage {
  batches: Batch[];
  next_before: number | null;
}

export interface Queue {
  paused: boolean;
  counts: Record<JobState, number>;
  running: number;
  held_reason: string;
  pausing_between_jobs: boolean;
  quiet: boolean;
  stored_bytes: number;
  last_sequence: number;
  heat: {
    enabled: boolean;
    action: 'run' | 'slow_down' | 'stop';
    has_sensor: boolean;
    sensor: string | null;
    celsius: number | null;
    limit_celsius: number | null;
    message: string;
  };
  model: string;
  version: string;
}

export interface QueueEvent {
  sequence: number;
  time: string;
  kind: string;
  job: number | null;
  batch: number | null;
  state: JobState | null;
  step: string;
  progress: number;
  message: string;
}

export interface Face {
  box: [number, number, number, number];
  score: number;
  skipped: boolean;
  reason?: string;
  identity_similarity: number | null;
  weight: number;
}

export interface Report {
  format: string;
  width: number;
  height: number;
  whole?: boolean; // Not in reports of older versions.
  faces: Face[];
  faces_restored: number;
  model: string;
  warnings: string[];
}

export interface WatchedFolder {
  name: string;
  path: string;
  state: string;
  waiting: number;
  done: number;
  failed: number;
  message: string;
}

export interface Blend {
  available: boolean;
  reason: string | null;
  adjusted: boolean;
  in_folder: boolean | null; // Of a watched photo: its output folder has this result.
  faces: number[]; // Strength of each restored face, in the report's order.
  mode: Mode;
  protect_tone: boolean;
}

export interface ServiceSettings {
  pause_between_seconds: number;
  model: string;
  running_model: string;
  needs_token: boolean;
  models: string[];
}
