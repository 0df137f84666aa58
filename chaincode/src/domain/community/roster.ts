import { compareStrings } from '../quantity';
import { refuse } from '../refusals';

export type Status = 'active' | 'suspended' | 'left';

/** From this local day on the member has that status, until the next standing begins. */
export interface Standing {
    readonly fromDay: string;
    readonly status: Status;
    readonly reason?: string | undefined;
}

/** The status on a day, or undefined before the first standing. Days compare as text. */
export function statusOn(standings: readonly Standing[], day: string): Status | undefined {
    return standings.findLast(({ fromDay }) => fromDay <= day)?.status;
}

export const isActiveOn = (standings: readonly Standing[], day: string): boolean =>
    statusOn(standings, day) === 'active';

/** The member of that name: `constructor` is a well-formed name, and no member of an object that has it by birth. */
export function memberNamed<M>(members: Readonly<Record<string, M>>, mspId: string): M | undefined {
    return Object.hasOwn(members, mspId) ? members[mspId] : undefined;
}

/** MSP ids of the members that are active on the day, sorted: who must be settled, and who votes on its rounds. */
export function activeMembers(
    members: Readonly<Record<string, { readonly mspId: string; readonly standings: readonly Standing[] }>>,
    day: string,
): string[] {
    return Object.values(members)
        .filter(({ standings }) => isActiveOn(standings, day))
        .map(({ mspId }) => mspId)
        .sort(compareStrings);
}

const FROM: Readonly<Record<Status, readonly Status[]>> = {
    active: ['suspended'],
    suspended: ['active'],
    left: ['active', 'suspended'],
};

/** The standings with a change at their end. A change must be a change, and later than all that are recorded. */
export function withChange<S extends Standing>(standings: readonly S[], change: S): S[] {
    const last = standings.at(-1);
    if (last === undefined || !FROM[change.status].includes(last.status) || last.fromDay >= change.fromDay) {
        refuse(
            'STANDING_UNCHANGED',
            `${last?.status ?? 'nothing'} from ${last?.fromDay ?? 'no day'}, asked for ${change.status} from ${change.fromDay}`,
        );
    }
    return [...standings, change];
}
