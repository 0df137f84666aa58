import { z } from 'zod';
import { pricesByBus, scheduleClaim } from '@commonwatt/chaincode/api/records';
import { count, day, natural } from '@commonwatt/chaincode/api/wire';

// What a coordinator and a home's agent send each other, canonical JSON as on the ledger.

const { gridWh: energiesWh } = scheduleClaim.shape;

export const ANSWER_PATH = '/day-ahead/answer';
export const AGREE_PATH = '/day-ahead/agree';

/** What would you take at these prices? */
export const answerQuestion = z.strictObject({ day, iteration: count, penalty: natural, prices: pricesByBus });
/** From the pool, by slot. */
export const answerReply = z.strictObject({ energiesWh });
/** Sign this, with these energies of yours. The reply is the agreement, a `submissionRecord`. */
export const agreeQuestion = z.strictObject({ claim: scheduleClaim, energiesWh });

/** Prices of a day at all buses of a community: some 100 kB. */
export const MOST_BYTES = 4 * 1024 * 1024;
