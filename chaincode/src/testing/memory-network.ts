import type { TransactionContext } from '../contracts/transaction-context';
import { CHAINCODES } from '../contracts/chaincodes';
import { encode, encodeBytes } from '../api/wire';
import { TRANSACTIONS, type TransactionName } from '../api/transactions';
import { emptySet, MemoryStub, placeOf, type Proposal, type ReadWriteSet } from './memory-stub';
import { WorldState, type Code } from './world-state';

export interface Request {
    readonly by: string;
    readonly endorsers: readonly string[];
    readonly transient?: Readonly<Record<string, unknown>>;
    readonly time: number;
}

export interface Simulated {
    readonly response: string;
    readonly set: ReadWriteSet;
    readonly event: { readonly name: string; readonly payload: Uint8Array } | undefined;
    readonly txId: string;
}

/** A channel in memory: every endorser runs the contracts at its own peer, all must agree, and commit validates as a peer does. */
export class MemoryNetwork {
    #world = new WorldState();
    /** How many writes its peers take in one message; 0: each in one of its own. */
    batchSize = 0;
    readonly #households: readonly string[];
    readonly #operator: string;
    #transactions = 0;
    #attempted: ReadWriteSet[] = [];

    constructor(operator: string, households: readonly string[]) {
        this.#operator = operator;
        this.#households = households;
    }

    get world(): WorldState {
        return this.#world;
    }

    /** All peers are ended and started again: what was committed is there, what was only endorsed is for its clients to remember. */
    restart(): void {
        this.#world = this.#world.restarted();
    }

    /** Whether an endorser of the last proposal got as far as writing. */
    get hasWritten(): boolean {
        return this.#attempted.some((set) => set.writes.size + set.policies.size + set.privateWrites.size > 0);
    }

    /** Another channel that begins as this one is now. */
    forked(): MemoryNetwork {
        const fork = new MemoryNetwork(this.#operator, this.#households);
        fork.#world = this.#world.restarted();
        fork.#transactions = this.#transactions;
        return fork;
    }

    /** Endorse at all endorsers; the first refusal is thrown. Nothing is committed. */
    async endorse(name: string, args: readonly string[], request: Request): Promise<Simulated> {
        this.#transactions += 1;
        this.#attempted = [];
        const proposal: Proposal = {
            txId: `tx${this.#transactions}`,
            time: request.time,
            creator: request.by,
            transient: new Map(
                Object.entries(request.transient ?? {}).map(([field, value]) => [
                    field,
                    value instanceof Uint8Array ? value : encodeBytes(value),
                ]),
            ),
        };
        const [first, ...others] = await Promise.all(
            request.endorsers.map((endorser) => this.#simulate(name, args, endorser, proposal)),
        );
        if (first === undefined) {
            throw new Error('a transaction needs an endorser');
        }
        if (others.some((other) => bytesOf(other) !== bytesOf(first))) {
            throw new Error('ProposalResponsePayloads do not match');
        }
        return first;
    }

    commit({ set }: Pick<Simulated, 'set'>, endorsers: readonly string[]): Code {
        return this.world.commit(set, endorsers, (chaincode, by) => this.#isEndorsed(chaincode, by));
    }

    /** What modified chaincode on these peers would write: no contract is asked, the peers' validation is. */
    forge(set: Partial<ReadWriteSet>, endorsers: readonly string[]): Code {
        return this.commit({ set: { ...emptySet(), ...set } }, endorsers);
    }

    async evaluate(name: string, args: readonly string[], request: Omit<Request, 'endorsers'>): Promise<string> {
        return (await this.endorse(name, args, { ...request, endorsers: [request.by] })).response;
    }

    /** The public value under a composite key, as text. */
    publicText(chaincode: string, type: string, ...parts: string[]): string | undefined {
        const value = this.world.valueOf(placeOf(chaincode, compositeKey(type, parts)));
        return value === undefined ? undefined : Buffer.from(value).toString();
    }

    #isEndorsed(chaincode: string, endorsers: readonly string[]): boolean {
        const households = this.#households.filter((mspId) => endorsers.includes(mspId)).length;
        const needed = chaincode === 'governance' ? Math.floor(this.#households.length / 2) + 1 : 1;
        return endorsers.includes(this.#operator) && households >= needed;
    }

    async #simulate(name: string, args: readonly string[], endorser: string, proposal: Proposal): Promise<Simulated> {
        const chaincode = chaincodeOf(name);
        const set = emptySet();
        this.#attempted.push(set);
        const stub = new MemoryStub(
            this.world,
            chaincode,
            endorser,
            proposal,
            (called, [nested = '', ...rest]) => {
                const callee = new MemoryStub(this.world, called, endorser, proposal, noCall, set);
                return run(called, nested, rest, callee);
            },
            set,
            this.batchSize,
        );
        const response = await run(chaincode, name, args, stub);
        return { response, set, event: stub.event, txId: proposal.txId };
    }
}

export function compositeKey(type: string, parts: readonly string[]): string {
    return `\u0000${[type, ...parts].map((part) => `${part}\u0000`).join('')}`;
}

/** An identity whose own authority minted it every attribute there is: none of them may ever count. */
const boasting = (mspId: string): object => ({
    getMSPID: () => mspId,
    getID: () => 'x509::/CN=operator/OU=admin::/CN=ca',
    getAttributeValue: () => 'operator',
    assertAttributeValue: () => true,
});

const noCall = (): Promise<string> => Promise.reject(new Error('governance calls nobody'));

function chaincodeOf(name: string): string {
    return Object.hasOwn(TRANSACTIONS, name) ? TRANSACTIONS[name as TransactionName].chaincode : 'market';
}

async function run(chaincode: string, name: string, args: readonly string[], stub: MemoryStub): Promise<string> {
    const [contractName, verb = ''] = name.split(':');
    for (const Contract of chaincode === 'governance' ? CHAINCODES.governance : CHAINCODES.market) {
        const contract = new Contract();
        if (contract.getName() === contractName) {
            const ctx = Object.assign<object, object>(contract.createContext(), {
                stub,
                clientIdentity: boasting(stub.proposal.creator),
            }) as TransactionContext;
            const transaction: unknown = Reflect.get(contract, verb);
            if (typeof transaction !== 'function') {
                break;
            }
            const response: unknown = await Reflect.apply(transaction, contract, [ctx, ...args]);
            await contract.afterTransaction(ctx, response);
            return String(response);
        }
    }
    throw new Error(`no transaction ${name} in ${chaincode}`);
}

function bytesOf({ response, set, event }: Simulated): string {
    const bytes = (map: ReadonlyMap<string, Uint8Array>): string[][] =>
        [...map].map(([place, value]) => [place, Buffer.from(value).toString('hex')]);
    return encode({
        response,
        event: event === undefined ? [] : [event.name, Buffer.from(event.payload).toString('hex')],
        reads: [...set.reads].map(([place, version]) => [place, version ?? 'none']),
        ranges: set.ranges,
        writes: bytes(set.writes),
        policies: bytes(set.policies),
        privateWrites: bytes(set.privateWrites),
    });
}
