import { encode } from '@commonwatt/chaincode/api/wire';
import type { Note } from './store/journal';
import type { FactsOf, JournalKind } from './store/journal-facts';

/** What an agent says while it runs. */
export interface AgentReport {
    noted(organisation: string, note: Note): void;
    waits(organisation: string, role: string, what: string): void;
    trouble(organisation: string, role: string, why: string, againInMs: number): void;
    done(organisation: string): void;
}

type Print = (line: string) => void;

/** One JSON object for each line, for programs. */
export function reportAsJson(print: Print, now: () => number = Date.now): AgentReport {
    const line = (what: object): void => {
        print(encode({ at: now(), ...what }));
    };
    return {
        noted: (organisation, { kind, slot, facts }) => {
            line({ organisation, event: 'noted', kind, slot, facts });
        },
        waits: (organisation, role, what) => {
            line({ organisation, event: 'waits', role, for: what });
        },
        trouble: (organisation, role, why, againInMs) => {
            line({ organisation, event: 'trouble', role, why, againInMs: Math.round(againInMs) });
        },
        done: (organisation) => {
            line({ organisation, event: 'done' });
        },
    };
}

/** Lines for people: what an agent did, what it waits for, what failed. What it did for single slots is in its journal. */
export function reportAsText(print: Print): AgentReport {
    return {
        noted: (organisation, note) => {
            const text = textOf(note);
            if (text !== undefined) {
                print(`${organisation}: ${text}`);
            }
        },
        waits: (organisation, role, what) => {
            print(`${organisation} (${role}) waits for ${what}`);
        },
        trouble: (organisation, role, why, againInMs) => {
            print(`${organisation} (${role}): ${why}\n  It tries again in ${(againInMs / 1000).toFixed(1)} s.`);
        },
        done: (organisation) => {
            print(`${organisation} has done everything for the day`);
        },
    };
}

type Words = { readonly [K in JournalKind]?: (facts: FactsOf<K>) => string };

const WORDS: Words = {
    started: () => 'runs',
    recovered: ({ transaction, outcome }) => `${transaction}, which was on its way when the agent ended: ${outcome}`,
    covered: ({ day, covered }) => (covered ? `${day} is covered` : `its account does not cover ${day}`),
    opened: ({ orders }) => `opened ${orders} orders to the committee`,
    scheduled: ({ day, status }) => `${day} ahead: ${status}`,
    settled: ({ day }) => `settled ${day}`,
    billSigned: ({ to }) => `checked and signed the bill of ${to}`,
    paid: ({ to, outcome }) => `the bill of ${to} is ${outcome}`,
    elected: ({ part, epoch }) => `${part} in the election after ${epoch}`,
    dayOpened: ({ day }) => `opened ${day}`,
    dayClosed: ({ day }) => `closed ${day}`,
    feederCompared: ({ day }) => `compared ${day} with the feeder's meter`,
    billsPublished: ({ day }) => `published what the bills of ${day} come to`,
    epoch: ({ epoch, part }) => `the election after ${epoch} is ${part}`,
};

function textOf({ kind, facts }: Note): string | undefined {
    const words = WORDS[kind] as ((facts: Note['facts']) => string) | undefined;
    return words?.(facts);
}
