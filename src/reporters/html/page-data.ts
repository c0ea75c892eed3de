import type { Report } from '../../model/report.ts';
import { severalLines } from '../../text/clean.ts';
import type { Picture } from '../picture/picture.ts';
import type { ToldRun } from '../run-fold.ts';

/** What the page shows. It stands in the page as JSON. */
export interface PageData {
  report: Report;
  picture: Picture;
  /** `null` when the run does not tell it. */
  source: string | null;
  /** The run goes on, or did when the page was opened: the page asks for more. */
  live?: Live;
}

export interface Live {
  isOver: boolean;
}

/** Of what programs printed; `report.json` has all that was kept. */
const mostText = 8000;
const mostSource = 200_000;

/** What the page of a run that goes on is told. */
export const livePageData = (told: ToldRun, live: Live): PageData => ({ ...pageDataOf(told), live });

/** What others wrote is cleaned of what would hide or turn text, and shortened to what a person reads. */
export function pageDataOf({ report, picture, source }: ToldRun): PageData {
  return {
    report: clean(report, mostText),
    picture: clean(picture, mostText),
    source: source === undefined ? null : clean(source, mostSource),
  };
}

function clean<T>(value: T, most: number): T {
  if (typeof value === 'string') return shortened(severalLines(value), most) as T;
  if (Array.isArray(value))
    return (value.every((one) => typeof one === 'number') ? value : value.map((one) => clean(one, most))) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [severalLines(key), clean(one, most)]);
  return Object.fromEntries(entries) as T;
}

const shortened = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most)}\n… (${text.length - most} more characters)`;
