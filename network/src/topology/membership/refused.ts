/** Why a change cannot be, or an update is not what it says. */
export class MembershipRefused extends Error {
    override readonly name = 'MembershipRefused';
}
