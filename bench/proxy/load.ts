/* The client side of every row, a process of its own. */
import { bulk } from './load/bulk.ts';
import type { Job } from './load/job.ts';
import { connects, hold, http, paced, release, trips } from './load/messages.ts';
import { serveProgram } from './program.ts';

serveProgram({}, async (job: Job): Promise<unknown> => {
  switch (job.do) {
    case 'read':
    case 'write':
      return await bulk(job);
    case 'trips':
      return await trips(job);
    case 'paced':
      return await paced(job);
    case 'connect':
      return await connects(job);
    case 'hold':
      return await hold(job);
    case 'http':
      return await http(job);
    case 'release':
      return release();
  }
});
