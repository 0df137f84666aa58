import type { Application, Charter, Member, Recorded } from '../../api/records';
import { monitorStatement } from '../../api/statements';
import type { ArgsOf } from '../../api/transactions';
import { encodeBytes } from '../../api/wire';
import { admissionFlaw, isProsumer } from '../../domain/community/admission';
import { memberNamed } from '../../domain/community/roster';
import { isVerificationKey, sha256Hex, verifySignature } from '../../domain/digest';
import { refuse } from '../../domain/refusals';
import { recordedNow, requireLaterDay } from './charter-store';

type Asked = ArgsOf<'community:admit'>['applications'][number];

/**
 * The members that applications make, all or none. What is public of an application must agree with what is private; the
 * verdict is the rules' of domain/community/admission.
 */
export function admitted(
    charter: Charter,
    asked: readonly Asked[],
    own: readonly Application[],
    now: number,
): Member[] {
    if (asked.length !== own.length || asked.some(({ mspId }, i) => own[i]?.mspId !== mspId)) {
        refuse(
            'RECORD_WRONG',
            `${asked.length} applications in the argument, ${own.length} private, in the same order`,
        );
    }
    const twice = asked.find(({ mspId }, i) => asked.findIndex((other) => other.mspId === mspId) !== i);
    const known =
        twice ??
        asked.find(({ mspId }) => memberNamed(charter.members, mspId) !== undefined || isRoleHolder(charter, mspId));
    if (known !== undefined) {
        refuse('MEMBER_EXISTS', known.mspId);
    }
    return asked.map((each, i) => {
        const application = own[i] ?? refuse('RECORD_WRONG', `no private application of ${each.mspId}`);
        requireLaterDay(charter, each.fromDay, now);
        requireKeys(each);
        requireRules(charter, each, application, now);
        return memberOf(each, application, recordedNow(charter, now));
    });
}

/** Who runs the grid is no household of it: its endorsement must not count on both sides of a record. */
const isRoleHolder = ({ roles }: Charter, mspId: string): boolean => roles.dso === mspId;

function requireKeys({ mspId, ownerKey, meters }: Asked): void {
    const ids = meters.map(({ id }) => id);
    const keys = [ownerKey, ...meters.map(({ key }) => key)];
    if (!keys.every(isVerificationKey) || new Set(ids).size !== ids.length) {
        refuse('KEY_INVALID', `owner and meters of ${mspId}`);
    }
}

function requireRules(charter: Charter, asked: Asked, application: Application, now: number): void {
    const { mspId } = asked;
    const { monitor } = application;
    if (asked.prosumer !== isProsumer(application)) {
        refuse('RECORD_WRONG', `whether ${mspId} is a prosumer`);
    }
    const flaw = admissionFlaw(
        { ...application, monitorSlot: monitor.slot },
        { ...charter.area, monitorMaxAgeSlots: charter.rules.monitorMaxAgeSlots },
        now,
    );
    if (flaw !== undefined) {
        refuse(flaw.code, `${mspId}: ${flaw.detail}`);
    }
    const meter =
        asked.meters.find(({ id }) => id === monitor.meterId) ?? refuse('METER_UNKNOWN', `the monitor of ${mspId}`);
    const report = monitorStatement({ monitor: monitor.meterId, mspId, slot: monitor.slot });
    if (!verifySignature(meter.key, report, monitor.signature)) {
        refuse('SIGNATURE_INVALID', `the monitor's report of ${mspId}`);
    }
}

function memberOf({ fromDay, meters, ...member }: Asked, application: Application, recorded: Recorded): Member {
    return {
        ...member,
        meters: meters.map((meter) => ({ ...meter, fromSlot: 0, toSlot: null })),
        applicationHash: sha256Hex(encodeBytes(application)),
        standings: [{ fromDay, status: 'active', recorded }],
    };
}
