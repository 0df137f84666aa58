import type { AnswerTo } from '../../server/pages/answers';
import { decimal } from '../decimal';
import { left, right, table } from '../table';
import { instant } from './words';

type Community = AnswerTo<'GET /community'>;

/** Members, weights, committees, who produced blocks, how far the peers are. */
export function communityText({ name, members, committee, next, producers, peers }: Community): string {
    const heights = new Map(peers.map(({ mspId, height }) => [mspId, height]));
    const blocks = new Map(producers.by.map((each) => [each.mspId, each.blocks]));
    const row = ({ mspId, name: called, isOwn, status, weightPpm }: Community['members'][number]): string[] => [
        `${called}${isOwn ? ' (own)' : ''}`,
        status,
        weightPpm === null ? '–' : `${decimal(weightPpm, 4)}%`,
        (blocks.get(mspId) ?? 0).toString(),
        heightText(heights.get(mspId)),
    ];
    const heads = [left('member'), left('standing'), right('weight'), right('blocks'), right('height of its peer')];
    const others = peers.filter(({ mspId }) => !members.some((member) => member.mspId === mspId));
    return [
        name,
        table(heads, members.map(row)),
        ...others.map((each) => `${each.name}: height ${heightText(each.height)}`),
        `Blocks ${producers.from} to ${producers.to} are counted.`,
        `Committee: ${seatsText(committee)}`,
        `Next committee: ${seatsText(next)}`,
    ].join('\n');
}

const heightText = (height: number | null | undefined): string =>
    height === null || height === undefined ? 'no answer' : height.toString();
const seatsText = (committee: Community['committee']): string =>
    committee === null ? 'none yet' : committee.seats.map(({ name }) => name).join(', ');

/** The newest blocks. */
export function blocksTable({ blocks }: AnswerTo<'GET /explorer/blocks'>): string {
    const heads = [right('block'), left('at'), right('transactions'), right('invalid'), left('producer'), left('hash')];
    return table(
        heads,
        blocks.map(({ number, at, transactions, invalid, producer, hash, isConfiguration }) => [
            number.toString(),
            instant(at),
            isConfiguration ? 'configuration' : transactions.toString(),
            invalid.toString(),
            producer ?? '–',
            hash,
        ]),
    );
}

export function blockText(block: AnswerTo<'GET /explorer/blocks/:number'>): string {
    const { number, at, hash, previousHash, dataHash, producer, bytes, list } = block;
    const heads = [right('#'), left('transaction'), left('function'), left('code'), left('endorsed by')];
    return [
        `Block ${number}, ${instant(at)}, ${bytes} bytes, produced by ${producer ?? 'nobody who is named'}`,
        `hash ${hash}`,
        `previous ${previousHash}`,
        `data ${dataHash}`,
        table(
            heads,
            list.map(({ position, id, function: called, type, code, endorsers }) => [
                position.toString(),
                id,
                called ?? type,
                code,
                endorsers.join(', '),
            ]),
        ),
    ].join('\n');
}

export function transactionText(transaction: AnswerTo<'GET /explorer/transactions/:id'>): string {
    const { id, block, position, at, creator, function: called, code, endorsers, writes, events } = transaction;
    return [
        `Transaction ${id}`,
        `block ${block}, number ${position}, ${instant(at)}`,
        `${called ?? transaction.type} by ${creator ?? 'nobody'}, endorsed by ${endorsers.join(', ')}`,
        `${code}${transaction.isValid ? '' : ': nothing of it counts'}`,
        ...transaction.arguments.map((text) => `argument ${text}`),
        ...writes.map((write) =>
            write.isPrivate
                ? `writes privately to ${write.collection}: key ${write.keyHash}, value ${write.valueHash ?? 'removed'}`
                : `writes ${write.kind ?? 'a record'} ${Object.values(write.key).join('/')}: ${write.value ?? 'removed'}`,
        ),
        ...events.map(({ type, fact }) => `announces ${type ?? 'a fact'} ${fact}`),
    ].join('\n');
}
