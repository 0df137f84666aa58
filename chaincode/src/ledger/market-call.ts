import {
    attestationEvidence,
    orderEvidence,
    scheduleEvidence,
    settlementEvidence,
    totalsEvidence,
    type AttestationEvidence,
    type OrderEvidence,
    type ScheduleEvidence,
    type SettlementEvidence,
    type TotalsEvidence,
} from '../api/records';
import type { ArgsOf } from '../api/transactions';
import { encode } from '../api/wire';
import { parseRefusal } from '../domain/refusals';
import type { LedgerStub } from './stub';

// The other way round than governance-call: what governance reads of the market. What was read enters the read set, so a settlement
// that changes in between is a conflict. The market does not call governance back, because Fabric allows that to nobody.

const MARKET = 'market';
type Stub = Pick<LedgerStub, 'invokeChaincode'>;

/** A settlement and its day as the market's channel state has them. */
export async function readSettlementEvidence(
    stub: Stub,
    asked: ArgsOf<'billing:settlementEvidence'>,
): Promise<SettlementEvidence> {
    return settlementEvidence.parse(JSON.parse(await answerOf(stub, 'billing:settlementEvidence', encode(asked))));
}

/** What became of a sealed order. */
export async function readOrderEvidence(stub: Stub, asked: ArgsOf<'auction:orderEvidence'>): Promise<OrderEvidence> {
    return orderEvidence.parse(JSON.parse(await answerOf(stub, 'auction:orderEvidence', encode(asked))));
}

/** In which iterations of a schedule a household was late. */
export async function readScheduleEvidence(stub: Stub, asked: ArgsOf<'schedule:evidence'>): Promise<ScheduleEvidence> {
    return scheduleEvidence.parse(JSON.parse(await answerOf(stub, 'schedule:evidence', encode(asked))));
}

/** What a day brought the community. */
export async function readTotalsEvidence(stub: Stub, asked: ArgsOf<'billing:totalsEvidence'>): Promise<TotalsEvidence> {
    return totalsEvidence.parse(JSON.parse(await answerOf(stub, 'billing:totalsEvidence', encode(asked))));
}

/** An attestation of the storage system as the market's channel state has it. */
export async function readAttestationEvidence(
    stub: Stub,
    asked: ArgsOf<'contracts:attestationEvidence'>,
): Promise<AttestationEvidence> {
    return attestationEvidence.parse(JSON.parse(await answerOf(stub, 'contracts:attestationEvidence', encode(asked))));
}

async function answerOf(stub: Stub, name: string, args: string): Promise<string> {
    const { status, message, payload } = await stub.invokeChaincode(MARKET, [name, args], '');
    if (status !== 200 || payload === undefined) {
        throw parseRefusal(message ?? '') ?? new Error(`${MARKET} answered ${status}: ${message ?? 'nothing'}`);
    }
    return Buffer.from(payload).toString();
}
