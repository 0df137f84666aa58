import { encode } from '@commonwatt/chaincode/api/wire';
import { givePowers } from '../community/elected-powers';
import { InputError } from '../data/input-error';
import { Stake } from '../market/stake';
import { contextOf, print, withMembers, type CommonOptions } from './context';
import { EXIT, NotNow } from './failure';
import { epochDay } from './stake';

export interface PowersOptions extends CommonOptions {
    readonly epoch?: string;
    readonly elected?: string;
}

const MOST_SEATS = 7;

/** Gives the ordering service the weights of an epoch as powers, or those whom it elected the seats. */
export async function powers(options: PowersOptions): Promise<number> {
    const elected = options.elected === undefined ? undefined : seatCount(options.elected);
    const named = epochDay(options.epoch);
    return withMembers(contextOf(options), async (members) => {
        const epoch = named ?? (await new Stake(members.operator.calls).epoch())?.epoch;
        if (epoch === undefined) {
            throw new NotNow('no epoch has been opened; `commonwatt epoch` elects after a day that was traded');
        }
        const onProgress = (what: string): void => {
            process.stderr.write(`  ${what}\n`);
        };
        const given = await givePowers(members, { epoch, elected, onProgress });
        const text = given.powers.map(({ mspId, power }) => `${mspId} ${power}`).join(', ');
        print(
            options.json === true
                ? encode({ epoch, basis: given.basis, powers: given.powers })
                : `The ordering seats have the powers ${text}, by the weights of ${epoch} (block ${given.basis}).`,
        );
        return EXIT.done;
    });
}

function seatCount(text: string): number {
    const count = Number(text);
    if (!Number.isInteger(count) || count < 1 || count > MOST_SEATS) {
        throw new InputError({ file: '--elected' }, `'${text}' is not a number of seats from 1 to ${MOST_SEATS}`);
    }
    return count;
}
