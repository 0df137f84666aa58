import { ROOT } from '@commonwatt/chaincode/domain/schedule/lin-dist-flow';
import type { RunProblem } from '@commonwatt/chaincode/domain/schedule/run';
import type { Home } from '../../schedule/models/home';

/** What is agreed on besides who takes part. */
export type ExchangeTerms = Omit<RunProblem, 'buses' | 'households'>;

/** A run of these homes, all at the root of their network. */
export const exchangeProblem = (homes: readonly Home[], terms: ExchangeTerms): RunProblem => ({
    ...terms,
    buses: [ROOT],
    households: homes.map(({ home, importLimit, exportLimit }) => ({
        mspId: home,
        bus: ROOT,
        importLimit,
        exportLimit,
    })),
});
