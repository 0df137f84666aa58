import type { Charter, Member } from '@commonwatt/chaincode/api/records';
import { left, right, table } from './table';

/** The community as governance has it on file. */
export function membersTable(members: readonly Member[], roles: Charter['roles']): string {
    const columns = [
        left('organisation'),
        left('standing'),
        left('since'),
        left('prosumer'),
        right('import W'),
        right('export W'),
    ];
    const inOrder = members.toSorted(({ mspId: a }, { mspId: b }) => byNumber(a, b));
    const rows = inOrder.map(({ mspId, standings, prosumer, importLimitW, exportLimitW }) => [
        mspId,
        standings.at(-1)?.status ?? '',
        standings.at(-1)?.fromDay ?? '',
        prosumer ? 'yes' : 'no',
        importLimitW.toString(),
        exportLimitW.toString(),
    ]);
    const held = Object.entries(roles).map(([role, mspId]) => `${role}: ${mspId}`);
    return [table(columns, rows), '', `${members.length} households. Roles: ${held.join(', ')}.`].join('\n');
}

/** H2 before H10. */
function byNumber(a: string, b: string): number {
    return a.localeCompare(b, 'en', { numeric: true });
}
