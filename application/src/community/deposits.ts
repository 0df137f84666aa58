import type { Charter } from '@commonwatt/chaincode/api/records';
import { concurrently } from '../day/concurrently';
import { Bank, bankOf } from '../market/accounts';
import type { CommunityMembers, MemberAccess } from './members';

const NANOS_PER_CENT = 10_000_000n;
const AT_ONCE = 10;
/** The bank's reference: stated once for a member, however often founding is done again. */
const OPENING = 'opening';

/** The agent of whoever keeps the members' money. */
export function bankAccess(members: CommunityMembers, charter: Charter): MemberAccess {
    const mspId = bankOf(charter);
    const found = [members.operator, ...members.households].find(({ calls }) => calls.mspId === mspId);
    if (found === undefined) {
        throw new Error(`the agent of the bank, ${mspId}, does not run here`);
    }
    return found;
}

/**
 * In a demonstration each home pays its opening deposit in when it is admitted, so that it can trade. Only those that have not yet.
 * Returns how many did.
 */
export async function payOpeningDeposits(members: CommunityMembers, charter: Charter): Promise<number> {
    const { accounts } = members.topology.community.market;
    if (accounts === undefined || charter.rules.coverRequired !== true || accounts.openingDepositCents === 0) {
        return 0;
    }
    const { calls, keys } = bankAccess(members, charter);
    const bank = new Bank(calls, keys, charter);
    const amount = BigInt(accounts.openingDepositCents) * NANOS_PER_CENT;
    const homes = members.households.filter((home) => charter.members[home.calls.mspId] !== undefined);
    const paid = await concurrently(homes, AT_ONCE, async (home) => {
        const { mspId } = home.calls;
        const { statements } = await calls.query('accounts:markers', { mspId });
        const isNew = !statements.some(({ kind, reference }) => kind === 'deposit' && reference === OPENING);
        if (isNew) {
            await bank.deposit(mspId, OPENING, amount);
        }
        return isNew;
    });
    return paid.filter(Boolean).length;
}
