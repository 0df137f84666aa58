import type { DecodedBlock } from './blocks/block';
import type { DecodedAction, DecodedTransaction } from './blocks/transaction';
import type { DecodedWrite } from './blocks/writes';
import { readableText } from './blocks/readable';
import { Changes } from './projections/changes';
import { project } from './projections/project';
import { flag, type Place } from './projections/projection';
import type { FactRow } from './rows';
import type { RowOf } from './sql/schema';

/** What some blocks add to the model. */
export class BlockRows {
    readonly blocks: RowOf<'blocks'>[] = [];
    readonly transactions: RowOf<'transactions'>[] = [];
    readonly writes: RowOf<'writes'>[] = [];
    readonly facts: RowOf<'facts'>[] = [];
    readonly powers: RowOf<'powers'>[] = [];
    readonly unreadable: RowOf<'unreadable'>[] = [];
    readonly changes = new Changes();
    /** As listeners are told. */
    readonly told: FactRow[] = [];

    add(block: DecodedBlock): void {
        const { number, transactions } = block;
        this.blocks.push({
            number,
            hash: block.hash,
            previous_hash: block.previousHash,
            data_hash: block.dataHash,
            producer: block.producer ?? null,
            height: block.height ?? null,
            is_configuration: flag(block.isConfiguration),
            at: transactions[0]?.at ?? null,
            transactions: transactions.length,
            invalid: transactions.filter(({ code }) => code !== VALID).length,
            bytes: block.bytes,
        });
        for (const { mspId, power } of block.powers) {
            this.powers.push({ block: number, msp_id: mspId, power: power.toString() });
        }
        transactions.forEach((transaction, position) => {
            this.#addTransaction(transaction, { block: number, position });
        });
    }

    #addTransaction(transaction: DecodedTransaction & { readonly code: number }, place: Place): void {
        const { action, code } = transaction;
        const isValid = code === VALID;
        this.transactions.push({
            ...place,
            id: transaction.id,
            type: transaction.type,
            creator: transaction.creator ?? null,
            code,
            at: transaction.at ?? null,
            bytes: transaction.bytes,
            ...calledBy(action),
        });
        action?.writes.forEach((write, number) => {
            this.#addWrite(write, number, isValid, place);
        });
        if (isValid && action?.event !== undefined) {
            factsIn(action.chaincode, action.event).forEach((fact, number) => {
                this.facts.push({ ...place, number, chaincode: action.chaincode, ...fact });
                this.told.push({ ...place, transactionId: transaction.id, chaincode: action.chaincode, ...fact });
            });
        }
    }

    #addWrite(write: DecodedWrite, number: number, isValid: boolean, place: Place): void {
        const common = { ...place, number, is_applied: flag(isValid), namespace: write.namespace };
        if (write.isPrivate) {
            const { collection, keyHash, valueHash } = write;
            this.writes.push({
                ...common,
                collection,
                kind: null,
                key: keyHash,
                value: valueHash ?? null,
                sets_policy: 0,
            });
            return;
        }
        this.writes.push({
            ...common,
            collection: null,
            kind: write.kind ?? null,
            key: JSON.stringify(write.parts),
            value: write.value ?? null,
            sets_policy: flag(write.setsPolicy),
        });
        const flaw = isValid ? project(write, place, this.changes) : undefined;
        if (flaw !== undefined) {
            this.unreadable.push({ ...place, number, why: flaw });
        }
    }
}

const VALID = 0;

type Called =
    'chaincode' | 'function' | 'endorsers' | 'arguments' | 'response_status' | 'response' | 'writes' | 'private_writes';

function calledBy(action: DecodedAction | undefined): Pick<RowOf<'transactions'>, Called> {
    if (action === undefined) {
        return NOTHING_CALLED;
    }
    const privately = action.writes.filter(({ isPrivate }) => isPrivate).length;
    return {
        chaincode: action.chaincode,
        function: action.function,
        endorsers: JSON.stringify(action.endorsers),
        arguments: JSON.stringify(action.arguments),
        response_status: action.response.status,
        response: action.response.payload,
        writes: action.writes.length - privately,
        private_writes: privately,
    };
}

const NOTHING_CALLED: Pick<RowOf<'transactions'>, Called> = {
    chaincode: null,
    function: null,
    endorsers: '[]',
    arguments: '[]',
    response_status: null,
    response: null,
    writes: 0,
    private_writes: 0,
};

/** Fabric keeps one event of a transaction: ours carries all its facts in an envelope. */
const ENVELOPES: readonly string[] = ['governance.v1', 'market.v1'];

function factsIn(chaincode: string, event: NonNullable<DecodedAction['event']>): Pick<FactRow, 'type' | 'fact'>[] {
    const isOurs = event.name === `${chaincode}.v1` && ENVELOPES.includes(event.name);
    const facts = isOurs ? enveloped(event.payload) : undefined;
    return (
        facts?.map((fact) => ({ type: typeOf(fact), fact: JSON.stringify(fact) })) ?? [
            { type: null, fact: event.payload },
        ]
    );
}

/** Facts of ours are a few levels deep and by far fewer: who announces more has made something up. A fixed bound, so that all read models are the same. */
const MOST_DEPTH = 32;
const MOST_FACTS = 10_000;
/** Names of ours have less than half; PostgreSQL's indexes take no more than about 2,700 bytes. */
const LONGEST_TYPE = 64;

/** What would be too deep to be written again, or too many rows, is kept as one fact without a type, as it came. */
function enveloped(payload: string): readonly unknown[] | undefined {
    try {
        const envelope = JSON.parse(payload) as unknown;
        const events = typeof envelope === 'object' && envelope !== null && 'events' in envelope ? envelope.events : [];
        const isOurs = Array.isArray(events) && events.length <= MOST_FACTS && !isDeep(events, MOST_DEPTH);
        return isOurs ? (events as readonly unknown[]) : undefined;
    } catch {
        return undefined;
    }
}

function isDeep(value: unknown, left: number): boolean {
    return (
        typeof value === 'object' &&
        value !== null &&
        (left === 0 || Object.values(value).some((each) => isDeep(each, left - 1)))
    );
}

function typeOf(fact: unknown): string | null {
    const type = typeof fact === 'object' && fact !== null && 'type' in fact ? fact.type : null;
    return typeof type === 'string' && type.length <= LONGEST_TYPE ? readableText(type) : null;
}
