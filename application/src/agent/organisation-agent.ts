import { setTimeout as pause } from 'node:timers/promises';
import { Auction } from '../market/auction';
import type { ForecastKind } from '../schedule/forecast/kinds';
import { DayRounds } from './hearing/day-rounds';
import { ReturningRole, VoterRole } from './roles/election-roles';
import { hear } from './hearing/hear';
import { HouseholdRole } from './roles/household-role';
import type { MeterFeed } from './meter-feed';
import { News } from './hearing/news';
import { OperatorRole } from './roles/operator-role';
import type { OwnMember } from './own-member';
import type { AgentReport } from './report';
import type { Outcome, Role } from './roles/role';
import { SeatRole } from './roles/seat-role';

export interface AgentSettings {
    readonly day: string;
    /** Of households. */
    readonly feed: MeterFeed | undefined;
    /** By which homes expect that have stated no other. */
    readonly forecast: ForecastKind;
    /** Between the rounds of a replay; all at once where it is not given. */
    readonly paceMs: number | undefined;
    /** How long it waits for other members before it goes on without them where the rules allow that. */
    readonly patienceMs: number;
    readonly elects: boolean;
    /** How the grid operator's agent has the day run, where it is not as the community has decided before. */
    readonly mode: 'schedule' | 'auction' | undefined;
    /** Told by the grid operator's agent once the day is open. */
    readonly opened: () => void;
}

/** Announcements may get lost: so often everything is looked up again. */
const POLL_MS = 15_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 10_000;
const CHAINCODES = ['market', 'governance'];
/** Pages show no more than 1,000 characters. */
const LONGEST_TROUBLE = 500;

/**
 * What an organisation runs unattended: every role it has in the community, each on its own, woken by what its own peer announces. What went wrong is said
 * and tried again, more and more rarely; nothing ends an agent but its owner.
 */
export class OrganisationAgent {
    readonly #own: OwnMember;
    readonly #settings: AgentSettings;
    readonly #report: AgentReport;
    readonly #news = new News();
    readonly #said = new Map<string, string>();

    constructor(own: OwnMember, settings: AgentSettings, report: AgentReport) {
        this.#own = own;
        this.#settings = settings;
        this.#report = report;
    }

    /** Until all is done for the day, or the signal. */
    async run(signal: AbortSignal): Promise<void> {
        const { organisation, store, access } = this.#own;
        store.journal.listen((note) => {
            this.#report.noted(organisation.id, note);
        });
        store.journal.note({ kind: 'started', facts: { organisation: organisation.id } });
        const hearing = new AbortController();
        const either = AbortSignal.any([signal, hearing.signal]);
        await this.#play(this.#recovery(), signal);
        const ears = CHAINCODES.map((chaincode) => hear(access.calls.gateway, chaincode, this.#news, either));
        await Promise.all(this.#roles().map((role) => this.#play(role, signal)));
        hearing.abort();
        await Promise.all(ears);
        if (!signal.aborted) {
            this.#report.done(organisation.id);
        }
    }

    #roles(): Role[] {
        const own = this.#own;
        const { day, feed, forecast, paceMs, patienceMs, elects, mode, opened } = this.#settings;
        const rounds = new DayRounds(day, new Auction(own.access.calls), this.#news); // A day's are large: one for all.
        if (own.organisation.kind === 'operator') {
            const operator = new OperatorRole({ own, day, rounds, opens: true, mode, opened });
            return elects ? [operator, new ReturningRole({ own, day, patienceMs })] : [operator];
        }
        if (feed === undefined) {
            throw new Error(`${own.organisation.id} has no meter`);
        }
        const isPaced = paceMs !== undefined;
        return [
            new HouseholdRole({ own, day, feed, rounds, isPaced, forecast }),
            new SeatRole({ own, day, rounds, paceMs, patienceMs }),
            ...(elects ? [new VoterRole({ own, day })] : []),
        ];
    }

    /** Before anything else: what became of what was on its way when the agent ended. */
    #recovery(): Role {
        const { access, store } = this.#own;
        return {
            name: 'outbox',
            topics: [],
            step: async () => {
                for (const recovered of await access.calls.gateway.recover()) {
                    store.journal.note({ kind: 'recovered', facts: recovered });
                }
                return { how: 'done' };
            },
            doubt: () => undefined,
        };
    }

    async #play(role: Role, signal: AbortSignal): Promise<void> {
        let failures = 0;
        let lookedUp = performance.now();
        while (!signal.aborted) {
            const mark = this.#news.mark(role.topics);
            const outcome = await role.step().catch(async (error: unknown): Promise<Outcome | undefined> => {
                failures += 1;
                role.doubt();
                await this.#afterTrouble(role, error, failures, signal);
                return undefined;
            });
            if (outcome === undefined) {
                continue;
            }
            failures = 0;
            if (outcome.how === 'done') {
                break;
            }
            if (outcome.how === 'waits') {
                this.#say(role, outcome.for);
                await this.#news.until(role.topics, mark, outcome.withinMs ?? POLL_MS, signal);
            }
            if (performance.now() - lookedUp >= POLL_MS) {
                role.doubt();
                lookedUp = performance.now();
            }
        }
    }

    async #afterTrouble(role: Role, error: unknown, failures: number, signal: AbortSignal): Promise<void> {
        const { organisation, store } = this.#own;
        const why = plainTrouble(error);
        const againInMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
        if (signal.aborted) {
            return;
        }
        this.#said.delete(role.name);
        this.#report.trouble(organisation.id, role.name, why, againInMs);
        store.journal.note({ kind: 'trouble', facts: { doing: role.name, why, again: true } });
        store.state.write({ at: Date.now(), doing: role.name, trouble: why });
        await pause(againInMs, undefined, { signal }).catch(() => undefined);
    }

    #say(role: Role, what: string): void {
        if (this.#said.get(role.name) !== what) {
            this.#said.set(role.name, what);
            const { organisation, store } = this.#own;
            this.#report.waits(organisation.id, role.name, what);
            store.state.write({ at: Date.now(), doing: role.name, waitsFor: what });
        }
    }
}

/** What went wrong, for journal, pages and terminal. Words of other members' peers may be in it: text on one line, and no more than is read. */
export function plainTrouble(error: unknown): string {
    const said = error instanceof Error ? error.message : String(error);
    return said.slice(0, LONGEST_TROUBLE).replaceAll(/\p{C}/gu, ' ');
}
