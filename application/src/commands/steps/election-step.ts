import { governorsNow } from '../../community/admission';
import { stakeEpoch } from '../../community/epochs';
import type { CommunityMembers } from '../../community/members';
import type { EpochOutcome, EpochPhase } from '../../day/stake-epoch';
import { NotDone, OutcomeUnknown, TransactionInvalid, TransactionRefused } from '../../gateway/failures';
import { charterOf } from '../look';
import type { Step } from './run-steps';

/** What the step leaves behind. */
export interface Elected {
    election?: EpochOutcome;
}

const PHASES: Readonly<Record<EpochPhase, string>> = {
    committed: 'households committed to a secret',
    revealed: 'secrets revealed',
    confirmed: 'households counted the producers',
};

/**
 * After a day: its energy, the members' secrets, the next committee, the producers' fees. The day is settled and billed whatever becomes
 * of it, so that a network that refuses ends the step and nothing else.
 */
export function electionStep(members: CommunityMembers, day: string, elected: Elected): Step {
    return {
        title: `Electing the committee after ${day}`,
        run: async (say) => {
            const charter = await charterOf(members.operator.calls);
            const governors = await governorsNow(members);
            const report = (phase: EpochPhase, done: number, of: number): void => {
                if (done === of) {
                    say(`${done} of ${of} ${PHASES[phase]}`);
                }
            };
            try {
                elected.election = await stakeEpoch(members, { charter, epoch: day, governors, report }).run();
            } catch (error) {
                return `not elected: ${refusedText(error)}`;
            }
            const seats = elected.election.record.result?.committee?.seats ?? [];
            return seats.length === 0 ? 'nobody was elected' : seats.map(({ mspId }) => mspId).join(', ');
        },
    };
}

function refusedText(error: unknown): string {
    const kinds = [TransactionRefused, TransactionInvalid, NotDone, OutcomeUnknown];
    if (error instanceof Error && kinds.some((kind) => error instanceof kind)) {
        return error.message;
    }
    throw error;
}
