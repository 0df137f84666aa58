import type { MeterStore } from './meter-store';
import type { Appended, RegisterReading } from './register-reading';

/** Where a source puts what it reads. It is kept when this returns. */
export type Sink = (readings: readonly RegisterReading[]) => void;

/** What a source could not use and why, in words for the household. */
export type Notes = (note: string) => void;

/** A source that goes on until it is told to stop. */
export interface RunningSource {
    stop(): Promise<void>;
}

/** A minute is a fifteenth of a slot: what a meter says more often adds a file's size and nothing else. */
const WINDOW_SECONDS = 60;

/**
 * Of a meter that speaks every second the first reading of each minute is kept, so that where a slot begins on the minute its very second is.
 * What contradicts an earlier reading is told.
 */
export function storeSink(store: Pick<MeterStore, 'append'>, notes: Notes): Sink {
    const newest = new Map<string, number>();
    return (readings) => {
        const wanted = readings.filter(({ meterId, register, at }) => {
            const name = `${meterId} ${register}`;
            const window = Math.floor(at / WINDOW_SECONDS);
            const isNew = window !== newest.get(name);
            newest.set(name, window);
            return isNew;
        });
        tellContradictions(store.append(wanted), notes);
    };
}

export function tellContradictions({ contradicted }: Appended, notes: Notes): void {
    for (const { register, at, wh, source } of contradicted) {
        const when = new Date(at * 1000).toISOString();
        notes(
            `${source}: the ${register} register shows ${wh.toString()} Wh at ${when}, another reading of that time is kept`,
        );
    }
}

const QUIET_SECONDS = 60;
const MOST_REMEMBERED = 500;

/** Says the same only once a minute, and shows what others have sent as plain text: who may write to a broker may not write to a terminal. */
export function calmNotes(say: Notes, now: () => number = () => Date.now() / 1000): Notes {
    const said = new Map<string, number>();
    return (note) => {
        const plain = note.replaceAll(/[^\P{C}]/gu, '?');
        const at = now();
        if (at - (said.get(plain) ?? -Infinity) < QUIET_SECONDS) {
            return;
        }
        if (said.size >= MOST_REMEMBERED) {
            said.clear();
        }
        said.set(plain, at);
        say(plain);
    };
}
