import type { Production } from '../community/producers';
import { left, right, table } from './table';

const SHOWN_OUT_OF_TURN = 10;

/** Who produced how many blocks, against the powers, and why they did. */
export function producersTable(production: Production): string {
    const { from, to, producers, outOfTurn, changedIn, unnamed } = production;
    const totalPower = producers.reduce((sum, { power }) => sum + power, 0n);
    const totalBlocks = producers.reduce((sum, { blocks }) => sum + blocks, 0);
    const columns = [left('producer'), right('power'), right('share'), right('blocks'), right('share'), right('turns')];
    const rows = producers.map(({ mspId, power, blocks, turns }) => [
        mspId,
        power.toString(),
        percent(Number(power), Number(totalPower)),
        blocks.toString(),
        percent(blocks, totalBlocks),
        turns.toString(),
    ]);
    const sum = ['all', totalPower.toString(), '', totalBlocks.toString(), '', totalBlocks.toString()];
    return [
        `Blocks ${from} to ${to}, from the own peer.`,
        '',
        table(columns, rows, sum),
        '',
        ...(unnamed === 0
            ? []
            : [
                  `Not counted because they name no producer (the channel's first block, blocks of Fabric's own orderers): ${unnamed}.`,
              ]),
        ...(changedIn.length === 0 ? [] : [`The powers were changed in the blocks ${changedIn.join(', ')}.`]),
        ...(totalBlocks === 0 ? [] : whyLines(outOfTurn)),
    ].join('\n');
}

function whyLines(outOfTurn: Production['outOfTurn']): string[] {
    if (outOfTurn.length === 0) {
        return [
            'Why: in every turn each seat grows by its power, the highest produces and pays the sum of all powers.',
            'Worked out again from the powers alone: every block was produced by whose turn it was.',
        ];
    }
    const shown = outOfTurn
        .slice(0, SHOWN_OUT_OF_TURN)
        .map(({ block, producer, due }) => `  block ${block}: ${producer}, in the turn of ${due}`);
    const more = outOfTurn.length > SHOWN_OUT_OF_TURN ? [`  and ${outOfTurn.length - SHOWN_OUT_OF_TURN} more`] : [];
    return [
        `${outOfTurn.length} blocks were produced out of turn (whose turn it was did not answer in time):`,
        ...shown,
        ...more,
    ];
}

function percent(part: number, whole: number): string {
    return whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} %`;
}
