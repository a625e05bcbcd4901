// How long the photos that wait will take: what the service expects of each, else what the latest ones took.
import type { Job } from '../api/types';

const LATEST = 10;

/** Seconds that a photo takes, by those that were really computed; 0 where none was. */
export function secondsPerPhoto(finished: Job[]): number {
  const times = finished
    .filter((job) => job.state === 'done' && !job.cached && job.result)
    .slice(0, LATEST)
    .map((job) => job.result!.seconds);
  return times.length > 0 ? times.reduce((sum, each) => sum + each, 0) / times.length : 0;
}

/** Seconds until all of `jobs` are done; after each but one that a person waits for the machine rests. */
export function secondsLeft(jobs: Job[], perPhoto: number, pause: number): number {
  return jobs.reduce((sum, job) => {
    const rest = job.priority === 'interactive' ? 0 : pause;
    const whole = job.estimated_seconds ?? perPhoto;
    return sum + (job.state === 'running' ? (1 - job.progress) * whole : whole) + rest;
  }, 0);
}
