import { encode } from '@commonwatt/chaincode/api/wire';
import type { Charter } from '@commonwatt/chaincode/api/records';
import { bankAccess } from '../community/deposits';
import type { CommunityMembers, MemberAccess } from '../community/members';
import { InputError } from '../data/input-error';
import { Accounts, Bank } from '../market/accounts';
import { Stake } from '../market/stake';
import { accountText } from '../report/account-text';
import { contextOf, print, withMembers, type CommonOptions } from './context';
import { EXIT } from './failure';
import { charterOf } from './look';
import { nanosOf } from './money';

/** What a home does with its account, and what its bank does. */
export const ACCOUNT_PARTS = ['statement', 'deposit', 'withdraw', 'pay-out', 'return'] as const;
export type AccountPart = (typeof ACCOUNT_PARTS)[number];

export interface AccountOptions extends CommonOptions {
    readonly reference?: string;
}

/** A home's account, asked with its own key at its own peer, after what was asked for. */
export async function account(
    home: string,
    part: AccountPart,
    amount: string | undefined,
    options: AccountOptions,
): Promise<number> {
    return withMembers(contextOf(options), async (members) => {
        if (!members.topology.homes.includes(home)) {
            const why = `'${home}' is no household; there are ${members.topology.homes.join(', ')}`;
            throw new InputError({ file: 'account' }, why);
        }
        const { calls, keys } = members.member(home);
        const charter = await charterOf(calls);
        await PARTS[part]({ members, charter, member: members.member(home), amount, options });
        const money = await new Accounts(calls, keys, charter).money();
        const rewards = await new Stake(calls).ownRewards();
        const shown = { ...money, rewards };
        print(options.json === true ? encode(shown) : accountText(home, shown, charter.rules.currency));
        return EXIT.done;
    });
}

interface Asked {
    readonly members: CommunityMembers;
    readonly charter: Charter;
    readonly member: MemberAccess;
    readonly amount: string | undefined;
    readonly options: AccountOptions;
}

const PARTS: Readonly<Record<AccountPart, (asked: Asked) => Promise<void>>> = {
    statement: () => Promise.resolve(),
    deposit: async ({ members, charter, member, amount, options }) => {
        const { mspId } = member.calls;
        await bankOf(members, charter).deposit(mspId, options.reference ?? newReference(), nanosOf('account', amount));
        await accountsOf(charter, member).takeIn();
    },
    withdraw: ({ charter, member, amount, options }) =>
        accountsOf(charter, member).withdraw(options.reference ?? newReference(), nanosOf('account', amount)),
    'pay-out': (asked) => confirmed(asked, 'paidOut'),
    return: (asked) => confirmed(asked, 'returned'),
};

/** Every withdrawal that is open, or the one that is named; the home takes the answers in. */
async function confirmed({ members, charter, member, options }: Asked, kind: 'paidOut' | 'returned'): Promise<void> {
    const bank = bankOf(members, charter);
    const open = await bank.openWithdrawals(member.calls.mspId);
    for (const withdrawal of open) {
        if (options.reference === undefined || options.reference === withdrawal.id) {
            await bank.confirm(withdrawal, kind);
        }
    }
    await accountsOf(charter, member).takeIn();
}

const accountsOf = (charter: Charter, { calls, keys }: MemberAccess): Accounts => new Accounts(calls, keys, charter);

function bankOf(members: CommunityMembers, charter: Charter): Bank {
    const { calls, keys } = bankAccess(members, charter);
    return new Bank(calls, keys, charter);
}

/** Unique for people who wait a millisecond between two transfers: another one of the same reference is refused, not done twice. */
const newReference = (): string => `t${Date.now()}`;
