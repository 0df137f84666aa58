import { ALL_HOUSEHOLDS, householdAccount, type Posting } from '../postings';
import type { Components } from './pedersen';

/** What the marker of a correction commits to: `account/a`, what the account `a` receives or pays more, in nanos; as in a settlement. */
export const CORRECTION_LAYOUT = 'correction/v1';

/** The household's own account stands in one place for all households, so that their sum can be told and no single one. */
export function correctionComponents(mspId: string, postings: readonly Posting[]): Components {
    return new Map(
        postings.map(({ account, amount }) => [
            `account/${account === householdAccount(mspId) ? ALL_HOUSEHOLDS : account}`,
            amount,
        ]),
    );
}
