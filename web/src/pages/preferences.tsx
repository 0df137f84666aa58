import type { Preferences } from '@commonwatt/application/server/schemas/agent';
import type { JSX } from 'preact';
import { useContext, useState } from 'preact/hooks';
import { ApiError, call } from '../api/client';
import { AppContext, useWords } from '../app/context';
import { failureText } from '../parts/states';
import { microsOf, shifted } from '../words/formats';

type Source = Preferences['sources'][number];
type Forecast = Preferences['forecast'];

const SOURCES = { local: 'agent.local', green: 'agent.green', grid: 'agent.grid' } as const;
const FORECASTS = {
    perfect: 'agent.perfect',
    yesterday: 'agent.yesterday',
    seasonal: 'agent.seasonal',
    smoothing: 'agent.smoothing',
    'clear-sky': 'agent.clearSky',
} as const satisfies Readonly<Record<Forecast, string>>;

/** `local green grid`, in every order. */
const ORDERS: readonly (readonly Source[])[] = [
    ['local', 'green', 'grid'],
    ['green', 'local', 'grid'],
    ['local', 'grid', 'green'],
    ['green', 'grid', 'local'],
    ['grid', 'local', 'green'],
    ['grid', 'green', 'local'],
];

type Saving = { readonly state: 'none' | 'busy' | 'done' } | { readonly state: 'failed'; readonly error: unknown };

/** What a home states once; its agent decides the rest by it. */
export function PreferencesForm({ known }: { readonly known: Preferences }): JSX.Element {
    const { t } = useWords();
    const { session } = useContext(AppContext);
    const [saving, setSaving] = useState<Saving>({ state: 'none' });
    const save = (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }): void => {
        event.preventDefault();
        const body = preferencesIn(new FormData(event.currentTarget));
        setSaving({ state: 'busy' });
        call('PUT', 'preferences', { body, csrfToken: session?.csrfToken ?? '' }).then(
            () => {
                setSaving({ state: 'done' });
            },
            (error: unknown) => {
                setSaving({ state: 'failed', error });
            },
        );
    };
    return (
        <form onSubmit={save} class="form">
            <PriceField name="buyUpTo" label={t('agent.buyUpTo')} micros={known.buyUpTo} />
            <PriceField name="sellFrom" label={t('agent.sellFrom')} micros={known.sellFrom} />
            <p class="field">
                <label for="sources">{t('agent.sources')}</label>
                <select id="sources" name="sources" defaultValue={known.sources.join()}>
                    {ORDERS.map((order) => (
                        <option
                            key={order.join()}
                            value={order.join()}
                            selected={order.join() === known.sources.join()}
                        >
                            {order.map((source) => t(SOURCES[source])).join(' › ')}
                        </option>
                    ))}
                </select>
            </p>
            <p class="field">
                <label for="reserve">{t('agent.reserve')}</label>
                <input
                    {...{ id: 'reserve', name: 'batteryReservePercent', type: 'number', min: 0, max: 100, step: 1 }}
                    required
                    defaultValue={known.batteryReservePercent}
                    aria-describedby="reserve-hint"
                />
                <small id="reserve-hint">{t('agent.reserveHint')}</small>
            </p>
            <p class="field">
                <label for="forecast">{t('agent.forecast')}</label>
                <select id="forecast" name="forecast">
                    {Object.entries(FORECASTS).map(([forecast, label]) => (
                        <option key={forecast} value={forecast} selected={forecast === known.forecast}>
                            {t(label)}
                        </option>
                    ))}
                </select>
            </p>
            <p>
                <button type="submit" class="primary" disabled={saving.state === 'busy'}>
                    {t('agent.save')}
                </button>{' '}
                <span role="status">{saving.state === 'done' && t('agent.saved')}</span>
            </p>
            <p role="alert" class="failed-text">
                {saving.state === 'failed' && savingFailure(saving.error, t)}
            </p>
        </form>
    );
}

const savingFailure = (error: unknown, t: ReturnType<typeof useWords>['t']): string =>
    error instanceof ApiError && error.status === 400
        ? t('agent.notTaken', { message: error.message })
        : failureText(error, t);

/** Prices are typed in the currency for a kWh, and kept in millionths of it. */
function preferencesIn(form: FormData): Preferences {
    const text = (name: string): string => {
        const value = form.get(name);
        return typeof value === 'string' ? value : '';
    };
    return {
        buyUpTo: microsOf(text('buyUpTo')),
        sellFrom: microsOf(text('sellFrom')),
        sources: text('sources').split(',') as Source[],
        batteryReservePercent: text('batteryReservePercent'),
        forecast: text('forecast') as Forecast,
    };
}

interface PriceFieldProps {
    readonly name: string;
    readonly label: string;
    readonly micros: string;
}

const MICROS_DIGITS = 6;

function PriceField({ name, label, micros }: PriceFieldProps): JSX.Element {
    const { session } = useContext(AppContext);
    return (
        <p class="field">
            <label for={name}>{label}</label>
            <span class="with-unit">
                <input
                    {...{ id: name, name, type: 'number', step: '0.000001', inputMode: 'decimal', required: true }}
                    defaultValue={shifted(micros, MICROS_DIGITS).replace(/0{1,4}$/, '')}
                />
                <span class="quiet">{session?.currency}/kWh</span>
            </span>
        </p>
    );
}
