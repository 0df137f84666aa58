import type { JSX } from 'preact';
import { useWords } from '../app/context';
import type { BillResult, Finding } from '../check/check-bill';
import { Link } from '../app/navigation';
import { pathTo } from '../app/routes';
import type { Translate } from '../words/translate';

/** What came of working the bill out again, in words first. */
export function CheckSummary({ result }: { readonly result: BillResult }): JSX.Element {
    const { t, f } = useWords();
    const { isSame, counted, findings } = result;
    const counts = {
        readings: f.count(counted.readings),
        orders: f.count(counted.orders),
        rounds: f.count(counted.rounds),
    };
    return (
        <section class={`card check ${isSame ? 'good' : 'wrong'}`} aria-label={t('check.result')}>
            <h2>{isSame ? t('check.allSame') : t('check.notSame')}</h2>
            <p>{t('check.how', counts)}</p>
            {counted.unread > 0 && <p>{t('check.unread', { slots: f.count(counted.unread) })}</p>}
            {findings.length > 0 && (
                <ul class="findings">
                    {findings.map((finding, index) => (
                        <li key={index}>
                            <Link to={pathTo('round', { slot: finding.slot })}>{f.slotDayAndTime(finding.slot)}</Link>:{' '}
                            {findingText(finding, t)}
                        </li>
                    ))}
                </ul>
            )}
        </section>
    );
}

const FINDINGS = {
    reading: 'check.readingDiffers',
    meter: 'check.meterDiffers',
    trade: 'check.tradeDiffers',
    result: 'check.noResult',
} as const;

const findingText = ({ kind }: Finding, t: Translate): string => t(FINDINGS[kind]);
