import { orderName } from '@commonwatt/chaincode/api/keys';
import { encode } from '@commonwatt/chaincode/api/wire';
import { sha256Hex } from '@commonwatt/chaincode/domain/digest';
import { channelFacts } from '../../community/inspection';
import type { CommunityMembers } from '../../community/members';
import { KeptOrders } from '../../household/kept-orders';
import { Auction } from '../../market/auction';
import { Billing } from '../../market/billing';
import { join } from 'node:path';

/** What a day has left on the ledger and on the agents' disks. */
export interface DayOnLedger {
    /** SHA-256 of each home's bill of the day. */
    readonly bills: ReadonlyMap<string, string>;
    readonly orders: number;
    readonly lostOrders: number;
    readonly transactions: number;
    readonly invalid: Readonly<Record<string, number>>;
}

export async function dayOf(members: CommunityMembers, day: string): Promise<DayOnLedger> {
    const { transactions, invalid } = await channelFacts(members);
    const rounds = await new Auction(members.operator.calls).rounds(day);
    const closed = new Set(
        rounds.flatMap((round) => (round.closed ?? []).map(({ order }) => `${round.slot} ${order}`)),
    );
    const bills = new Map<string, string>();
    let kept = 0;
    let found = 0;
    for (const { organisation, calls, keys } of members.households) {
        const bill = await new Billing(calls).bill({ from: day, to: day });
        if (bill !== undefined) {
            bills.set(organisation.id, sha256Hex(encode(bill)));
        }
        const file = join(members.layout.agentFolder(organisation.id), `orders-${day}-${keys.fingerprint}.jsonl`);
        const orders = new KeptOrders(file).all;
        kept += orders.length;
        found += orders.filter(({ slot, id }) => closed.has(`${slot} ${orderName(calls.mspId, id)}`)).length;
    }
    return { bills, orders: kept, lostOrders: kept - found, transactions, invalid };
}
