import type { Bill } from '@commonwatt/application/server/schemas/bills';
import type { ComponentChildren, JSX } from 'preact';
import { useWords } from '../app/context';
import { Link } from '../app/navigation';
import { pathTo } from '../app/routes';
import type { BillResult, LineResult } from '../check/check-bill';
import { Empty } from '../parts/states';
import type { Key } from '../words/translate';

type Line = Bill['bill']['lines'][number];
type Item = Line['item'];

const ITEMS = {
    localSale: 'bill.localSale',
    localPurchase: 'bill.localPurchase',
    scheduledSale: 'bill.scheduledSale',
    scheduledPurchase: 'bill.scheduledPurchase',
    gridFee: 'bill.gridFee',
    communityFee: 'bill.communityFee',
    feedIn: 'bill.feedIn',
    retail: 'bill.retail',
    imbalanceLong: 'bill.imbalanceLong',
    imbalanceShort: 'bill.imbalanceShort',
    contractGiven: 'bill.contractGiven',
    contractTaken: 'bill.contractTaken',
    losses: 'bill.losses',
    fixed: 'bill.fixed',
    percentage: 'bill.percentage',
    correction: 'bill.correction',
} as const satisfies Readonly<Record<Item, Key>>;

interface LinesProps {
    readonly bill: Bill;
    readonly result: BillResult | undefined;
}

/** Every line of a bill, each to be opened to where its energy comes from. Positive amounts are paid by the home. */
export function BillLines({ bill, result }: LinesProps): JSX.Element {
    const { t } = useWords();
    if (bill.bill.lines.length === 0) {
        return <Empty>{t('bill.noLines')}</Empty>;
    }
    return (
        <>
            <ul class="lines">
                {bill.bill.lines.map((line, index) => (
                    <li key={index}>
                        <LineShown line={line} bill={bill} result={result?.lines[index]} />
                    </li>
                ))}
            </ul>
            {(result?.missing ?? []).map((line, index) => (
                <p key={index} class="failed-text">
                    {t('check.missingLine', { item: t(ITEMS[line.item]) })}
                </p>
            ))}
        </>
    );
}

interface LineProps {
    readonly line: Line;
    readonly bill: Bill;
    readonly result: LineResult | undefined;
}

function LineShown({ line, bill, result }: LineProps): JSX.Element {
    const { t, f } = useWords();
    const isWrong = result !== undefined && !result.isSame;
    return (
        <details class={isWrong ? 'wrong' : ''}>
            <summary>
                <span class="grow">
                    <strong>{t(ITEMS[line.item])}</strong>
                    <small>{detailOf(line, t, f)}</small>
                </span>
                <span class="number">
                    {f.money(-BigInt(line.amountNanos))}
                    <Verdict result={result} />
                </span>
            </summary>
            {isWrong && (
                <p class="failed-text">
                    {t('check.lineDiffers', {
                        energy: f.energy(result.worked.energyWh),
                        amount: f.exactMoney(-result.worked.amountNanos),
                    })}
                </p>
            )}
            <p>
                {t('bill.exactLine', { amount: f.exactMoney(-BigInt(line.amountNanos)), rate: f.percent(line.vatPpm) })}
            </p>
            <Rounds line={line} bill={bill} />
        </details>
    );
}

/** Said in words and a sign, not by colour alone. */
function Verdict({ result }: { readonly result: LineResult | undefined }): JSX.Element | null {
    const { t } = useWords();
    if (result === undefined) {
        return null;
    }
    return (
        <span class={`verdict ${result.isSame ? 'good' : 'bad'}`}>
            <span aria-hidden="true">{result.isSame ? '✓' : '✗'}</span>{' '}
            {t(result.isSame ? 'check.same' : 'check.differs')}
        </span>
    );
}

type Words = ReturnType<typeof useWords>;

function detailOf({ item, charge, ppm, days, price, energyWh }: Line, t: Words['t'], f: Words['f']): ComponentChildren {
    const isEnergy = BigInt(energyWh) !== 0n || price !== null;
    return [
        isEnergy && price !== null && item !== 'contractGiven' && item !== 'contractTaken'
            ? t('bill.energyAtPrice', { energy: f.energy(energyWh), price: f.price(price) })
            : isEnergy && f.energy(energyWh),
        charge,
        ppm !== undefined && f.percent(ppm),
        days !== undefined && t('bill.forDays', { days: f.count(days) }),
    ]
        .filter((part) => typeof part === 'string' && part !== '')
        .join(', ');
}

function Rounds({ line, bill }: Pick<LineProps, 'line' | 'bill'>): JSX.Element | null {
    const { t, f } = useWords();
    if (line.rounds.length === 0) {
        return null;
    }
    const known = new Map(bill.rounds.map((round) => [round.slot, round]));
    return (
        <>
            <p class="quiet">{t('bill.rounds', { count: f.count(line.rounds.length) })}</p>
            <ul class="rounds">
                {line.rounds.map((slot) => {
                    const transaction = known.get(slot)?.transaction ?? null;
                    return (
                        <li key={slot}>
                            <Link to={pathTo('round', { slot })}>{f.slotDayAndTime(slot)}</Link>
                            {transaction !== null && (
                                <>
                                    {' '}
                                    (<Link to={pathTo('transaction', { id: transaction })}>{t('bill.proof')}</Link>)
                                </>
                            )}
                        </li>
                    );
                })}
            </ul>
        </>
    );
}
