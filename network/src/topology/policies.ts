import { and, or, outOf, signedBy, type Rule } from '../fabric/policy';

/** Whose peers endorse: MSP ids. The order of the households is the order in the policies' bytes. */
export interface Endorsers {
    readonly operator: string;
    readonly households: readonly string[];
}

/** What `governance` writes: the grid operator and more than half of the households. */
export function governancePolicy({ operator, households }: Endorsers): Rule {
    const homes = households.map((mspId) => signedBy(mspId, 'peer'));
    return and(signedBy(operator, 'peer'), outOf(Math.floor(homes.length / 2) + 1, homes));
}

/** What `market` writes where no key has a policy of its own: the grid operator and any household. */
export function marketPolicy({ operator, households }: Endorsers): Rule {
    return and(signedBy(operator, 'peer'), or(...households.map((mspId) => signedBy(mspId, 'peer'))));
}
