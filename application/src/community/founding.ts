import type { ArgsOf } from '@commonwatt/chaincode/api/transactions';
import type { Charter, Role, StorageTermsRecord, Terms } from '@commonwatt/chaincode/api/records';
import { DEFAULT_PARAMETERS } from '@commonwatt/chaincode/domain/stake/parameters';
import { organisation, type AccountTerms, type Topology, type ZoneFee } from '@commonwatt/network/topology/topology';
import { SLOT_SECONDS, type ClockChange } from '../data/zone';
import { Community, Governance } from '../market/governance';
import { Stake, StakeGovernance } from '../market/stake';
import {
    FOUNDED_ON,
    governorsNow,
    microdegrees,
    personalApplication,
    publicApplication,
    recordName,
} from './admission';
import { payOpeningDeposits } from './deposits';
import type { CommunityMembers, MemberAccess } from './members';

const FOUNDED_IN_SLOT = Date.parse(`${FOUNDED_ON}T00:00:00Z`) / 1000 / SLOT_SECONDS;
const NANOS_PER_CENT = 10_000_000n;
const DAY_SLOTS = 96;
const ROLES: readonly Role[] = ['dso', 'operator', 'supplier', 'auditor', 'ess', 'bank'];
/** Households in the demonstration's committee. */
const COMMITTEE_HOUSEHOLDS = 5;

/**
 * A demonstration elects right after the day it has traded, from that day's energy, and for the next one. Its days are small, so is the step
 * in which energy is told; a real community waits for its meters and tells less.
 */
const STAKE = { ...DEFAULT_PARAMETERS, fromDay: FOUNDED_ON, energyLagDays: 0, energyStepWh: 100n };

/** As many applications as one transaction takes. */
const AT_ONCE = 50;

/**
 * Founds the community: rules, members, tariffs, committee, stake. Looks at what governance says already and does the rest, so
 * that it may be stopped and done again. Returns the charter.
 */
export async function foundCommunity(
    members: CommunityMembers,
    clock: readonly ClockChange[],
    onProgress: (what: string) => void = () => undefined,
): Promise<Charter> {
    const { operator } = members;
    const governance = new Governance(operator.calls);
    const governing = await governorsNow(members);
    const community = new Community(operator.calls, governing);
    let charter = await governance.charter();
    if (charter === undefined) {
        onProgress('establishing the community');
        await community.establish(foundingOf(members.topology, operator, clock));
    }
    charter = await charterOf(governance);
    const admitted = charter.members;
    const applicants = members.households.filter(({ calls }) => admitted[calls.mspId] === undefined);
    if (applicants.length > 0) {
        onProgress(`admitting ${applicants.length} households`);
        for (let first = 0; first < applicants.length; first += AT_ONCE) {
            const some = applicants.slice(first, first + AT_ONCE);
            await community.admit(
                some.map((each) => publicApplication(each, FOUNDED_ON)),
                some.map((each) => personalApplication(each, members.topology)),
            );
        }
    }
    if (charter.terms.length === 0) {
        onProgress('scheduling the tariffs');
        await community.scheduleTerms(termsOf(members.topology));
    }
    const storage = storageOf(members);
    if (storage !== undefined && charter.storage === undefined) {
        onProgress('agreeing on the storage system');
        await community.scheduleStorage(storage);
    }
    if (charter.committees.length === 0) {
        onProgress('appointing the committee');
        await community.appointCommittee(committeeOf(members));
    }
    if ((await new Stake(operator.calls).parameters()).length === 0) {
        onProgress('agreeing on how stake is weighed');
        await new StakeGovernance(operator.calls, governing).setParameters(STAKE);
    }
    charter = await charterOf(governance);
    onProgress('taking opening deposits');
    await payOpeningDeposits(members, charter);
    return charter;
}

async function charterOf(governance: Governance): Promise<Charter> {
    const charter = await governance.charter();
    if (charter === undefined) {
        throw new Error('the community was established, but governance does not know of it');
    }
    return charter;
}

function foundingOf(
    topology: Topology,
    operator: MemberAccess,
    clock: readonly ClockChange[],
): ArgsOf<'community:establish'> {
    const { community } = topology;
    const { mspId } = operator.calls;
    const held = ROLES.filter((role) => operator.organisation.roles.includes(role));
    return {
        name: community.name,
        clock: clock.map((change) => ({ ...change })),
        area: { polygon: community.area.map(microdegrees), feeders: [recordName(community.feeder)] },
        gridConnections: community.gridConnections.length,
        rules: {
            currency: community.market.currency,
            minorUnitNanos: NANOS_PER_CENT,
            replayAllowed: true,
            monitorMaxAgeSlots: DAY_SLOTS,
            readingDeadlineSlots: 2 * DAY_SLOTS,
            voidDeadlineSlots: DAY_SLOTS,
            openAheadDays: 7,
            ...(community.market.accounts === undefined ? {} : accountRules(community.market.accounts)),
        },
        roles: { ...Object.fromEntries(held.map((role) => [role, mspId])), ...storageRole(topology) },
        operatorKey: operator.keys.publicKey,
    };
}

function accountRules({ coverPercent, limitCents, collectAfterDays }: AccountTerms): Partial<Charter['rules']> {
    const collecting = collectAfterDays === undefined ? {} : { collectDays: collectAfterDays };
    return { coverRequired: true, coverPercent, accountLimitNanos: BigInt(limitCents) * NANOS_PER_CENT, ...collecting };
}

/** Of a demonstration, whose days are replays: who has not revealed by then is not waited for any longer. Live rounds take more, by rule. */
const REVEAL_SECONDS = 5;

function termsOf({ community: { market } }: Topology): Terms {
    return {
        fromDay: FOUNDED_ON,
        toDay: null,
        retail: BigInt(market.retailMicrosPerKwh),
        feedIn: BigInt(market.feedInMicrosPerKwh),
        gridFee: BigInt(market.gridFeeMicrosPerKwh),
        communityFee: BigInt(market.communityFeeMicrosPerKwh),
        floor: BigInt(market.floorMicrosPerKwh),
        cap: BigInt(market.capMicrosPerKwh),
        k: { numerator: BigInt(market.k.numerator), denominator: BigInt(market.k.denominator) },
        gateSlots: 1,
        revealSeconds: REVEAL_SECONDS,
        ...(market.billEvery === undefined ? {} : { billEvery: market.billEvery }),
        ...(market.zoneFees === undefined ? {} : { zoneFees: market.zoneFees.map(zoneFee) }),
        ...besidesEnergy(market),
        ...lossesOf(market),
    };
}

const zoneFee = ({ from, to, differenceMicrosPerKwh }: ZoneFee): NonNullable<Terms['zoneFees']>[number] => ({
    from,
    to,
    differencePerKwh: BigInt(differenceMicrosPerKwh),
});

function lossesOf({ losses }: Topology['community']['market']): Pick<Terms, 'losses'> {
    return losses === undefined
        ? {}
        : {
              losses: {
                  constantWh: BigInt(losses.constantWh),
                  lossPpm: BigInt(losses.lossPpm),
                  tolerancePpm: BigInt(losses.tolerancePpm),
                  payer: losses.payer,
              },
          };
}

const NANOS_PER_MICRO = 1000n;

/** Charges and taxes of bills; a community that states none has none. */
function besidesEnergy({ vatPpm, fixedCharges }: Topology['community']['market']): Pick<Terms, 'charges' | 'vat'> {
    const charges = fixedCharges?.map(({ micros, ...charge }) => ({
        kind: 'fixed' as const,
        ...charge,
        amountNanos: BigInt(micros) * NANOS_PER_MICRO,
    }));
    const vat = vatPpm && {
        supplierPpm: BigInt(vatPpm.supplier),
        gridPpm: BigInt(vatPpm.grid),
        communityPpm: BigInt(vatPpm.community),
        poolPpm: BigInt(vatPpm.pool),
        members: [],
    };
    return { ...(charges === undefined ? {} : { charges }), ...(vat === undefined ? {} : { vat }) };
}

/** The organisation that runs the storage system, where there is one. */
function storageRole(topology: Topology): { ess?: string } {
    const { storage } = topology;
    return storage === undefined ? {} : { ess: organisation(topology, storage.home).mspId };
}

/** Energy may wait until the next day; a demonstration has all the time there is to attest and to deliver. */
function storageOf({ topology }: CommunityMembers): StorageTermsRecord | undefined {
    const { storage } = topology;
    return storage === undefined
        ? undefined
        : {
              fromDay: FOUNDED_ON,
              mspId: organisation(topology, storage.home).mspId,
              capacityWh: BigInt(storage.capacityWh),
              chargeW: BigInt(storage.chargeW),
              dischargeW: BigInt(storage.dischargeW),
              chargePpm: BigInt(storage.chargePpm),
              dischargePpm: BigInt(storage.dischargePpm),
              credibility: storage.credibility,
              fee: BigInt(storage.feeMicrosPerKwh),
              holdDays: 1,
              attestSlots: DAY_SLOTS,
              refundSlots: DAY_SLOTS,
          };
}

/** The first households, one vote each; more than half of the votes decide. The grid operator has no seat: seats see orders. */
function committeeOf({ households }: CommunityMembers): ArgsOf<'committee:appoint'> {
    const seated = households.slice(0, COMMITTEE_HOUSEHOLDS);
    return {
        fromSlot: FOUNDED_IN_SLOT,
        seats: seated.map(({ calls }) => ({ mspId: calls.mspId, weight: 1n })),
        quorum: { numerator: 1n, denominator: 2n },
    };
}
