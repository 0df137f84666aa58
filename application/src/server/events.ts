import { randomBytes } from 'node:crypto';
import { encode } from '@commonwatt/chaincode/api/wire';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Household } from '../household-view/household';
import { billIdOf } from '../household-view/bills-view';
import type { FactRow } from '../read-model/rows';
import { Refused } from './guard/failures';
import type { LoggedIn, Sessions } from './guard/sessions';
import { newsOf } from './news';
import type { ServerEventName } from './schemas/events';

/** Clients of one household, and of all together. */
const MOST_OF_HOUSEHOLD = 30;
const MOST_CLIENTS = 500;
/** Events that somebody who comes back can still get. */
const KEPT = 200;
/** A client that does not read what it is sent is let go when so much waits for it. */
const MOST_WAITING_BYTES = 64 * 1024;
const HEARTBEAT_MS = 15_000;
const JOURNAL_MS = 1_000;

interface Told {
    readonly id: string;
    readonly text: string;
}

interface Client {
    readonly household: string;
    readonly session: LoggedIn;
    readonly raw: FastifyReply['raw'];
}

/** One household's events, numbered. The last ones are kept for clients whose connection broke. */
interface Line {
    readonly kept: Told[];
    count: number;
    journal: number;
}

/** Tells browsers what happens: each those of its own household. */
export class Events {
    readonly #sessions: Sessions;
    readonly #households: readonly Household[];
    readonly #clients = new Set<Client>();
    readonly #lines: ReadonlyMap<string, Line>;
    readonly #ends: (() => void)[] = [];
    /** Ids of another run of the server are unknown to this one. */
    readonly #run = randomBytes(4).toString('hex');

    constructor(sessions: Sessions, households: readonly Household[]) {
        this.#sessions = sessions;
        this.#households = households;
        this.#lines = new Map(
            households.map((household) => [
                household.id,
                { kept: [], count: 0, journal: household.journal.newest(1)[0]?.sequence ?? 0 },
            ]),
        );
        for (const { id, ledger } of households) {
            this.#ends.push(
                ledger.tip.onBlock(({ number, transactions }) => {
                    this.#tell(id, 'block', { number, transactions: transactions.length });
                }),
            );
        }
        const timers = [
            setInterval(() => {
                this.#beat();
            }, HEARTBEAT_MS),
            setInterval(() => {
                this.#readJournals();
            }, JOURNAL_MS),
        ];
        timers.forEach((timer) => timer.unref());
        this.#ends.push(() => {
            timers.forEach((timer) => {
                clearInterval(timer);
            });
        });
    }

    get clients(): number {
        return this.#clients.size;
    }

    /** Facts of the channel: rounds are everybody's, a bill only its household's. */
    tell(facts: readonly FactRow[]): void {
        for (const fact of facts) {
            const news = newsOf(fact);
            if (news?.name === 'round') {
                const { day, slot } = news;
                this.#households.forEach(({ id }) => {
                    this.#tell(id, 'round', { day, slot });
                });
            } else if (news !== undefined) {
                const household = this.#households.find(({ mspId }) => mspId === news.mspId);
                this.#tell(household?.id ?? '', 'bill', { id: billIdOf(news) });
            }
        }
    }

    /** Takes the connection over. @throws Refused where too many listen already */
    listen(household: Household, session: LoggedIn, request: FastifyRequest, reply: FastifyReply): void {
        const own = [...this.#clients].filter((client) => client.household === household.id);
        if (own.length >= MOST_OF_HOUSEHOLD || this.#clients.size >= MOST_CLIENTS) {
            throw new Refused(503, 'BUSY', 'too many pages are open');
        }
        reply.hijack();
        const { raw } = reply;
        if (raw.destroyed) {
            return; // Gone before it was listened to: nothing would tell that it is.
        }
        for (const [name, value] of Object.entries(reply.getHeaders())) {
            raw.setHeader(name, value ?? '');
        }
        raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
        const client = { household: household.id, session, raw };
        this.#clients.add(client);
        raw.on('close', () => this.#clients.delete(client));
        raw.write('retry: 2000\n\n');
        this.#missed(household.id, request.headers['last-event-id']).forEach(({ text }) => raw.write(text));
    }

    /** Whoever has logged out is told nothing more. */
    endOf(session: LoggedIn): void {
        this.#end(({ session: { token } }) => token === session.token);
    }

    close(): void {
        this.#ends.forEach((end) => {
            end();
        });
        this.#end(() => true);
    }

    #missed(household: string, last: string | string[] | undefined): readonly Told[] {
        const kept = this.#lines.get(household)?.kept ?? [];
        const at = kept.findIndex(({ id }) => id === last);
        return at === -1 ? [] : kept.slice(at + 1);
    }

    #tell(household: string, name: ServerEventName, data: object): void {
        const line = this.#lines.get(household);
        if (line === undefined) {
            return;
        }
        line.count += 1;
        const id = `${this.#run}-${line.count}`;
        const told = { id, text: `id: ${id}\nevent: ${name}\ndata: ${encode(data)}\n\n` };
        line.kept.push(told);
        line.kept.splice(0, line.kept.length - KEPT);
        for (const client of this.#clients) {
            if (client.household === household) {
                this.#write(client, told.text);
            }
        }
    }

    #write(client: Client, text: string): void {
        if (client.raw.writableLength > MOST_WAITING_BYTES) {
            client.raw.destroy();
        } else {
            client.raw.write(text);
        }
    }

    #beat(): void {
        this.#end(({ session }) => !this.#isOpen(session));
        this.#clients.forEach((client) => {
            this.#write(client, ': still here\n\n');
        });
    }

    /** Where the sessions' file is busy, whoever listens goes on listening until it is looked at again. */
    #isOpen(session: LoggedIn): boolean {
        try {
            return this.#sessions.isOpen(session);
        } catch {
            return true;
        }
    }

    /** The agent is a process of its own: its journal is looked at. */
    #readJournals(): void {
        const listened = new Set([...this.#clients].map(({ household }) => household));
        for (const { id, journal } of this.#households) {
            const line = this.#lines.get(id);
            const newest = listened.has(id) ? newestOf(journal) : undefined;
            if (line !== undefined && newest !== undefined && newest > line.journal) {
                line.journal = newest;
                this.#tell(id, 'agent', { sequence: newest });
            }
        }
    }

    #end(which: (client: Client) => boolean): void {
        for (const client of [...this.#clients].filter(which)) {
            client.raw.end();
            this.#clients.delete(client);
        }
    }
}

/** Undefined where the agent's file is busy, or the agent of a newer version: a timer's error would end the server of all. */
function newestOf(journal: Household['journal']): number | undefined {
    try {
        return journal.newest(1)[0]?.sequence;
    } catch {
        return undefined;
    }
}
