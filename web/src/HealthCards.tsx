import type { HealthCard, SampleRatioReport } from '../../src/analysis/report/report.ts';
import { MarkWord } from './MarkWord.tsx';
import { healthAnchor } from './model/anchor.ts';
import { HEALTH_MARKS } from './model/mark.ts';
import { SampleRatio } from './SampleRatio.tsx';

export function HealthCards(props: {
  readonly cards: readonly HealthCard[];
  readonly sampleRatio?: SampleRatioReport | undefined;
}) {
  const { cards, sampleRatio } = props;
  return (
    <section aria-labelledby="health-title">
      <h2 id="health-title">Health</h2>
      {cards.length === 0 && <p class="empty">No health check has run yet.</p>}
      <ul class="cards">
        {cards.map((card) => (
          <li key={card.key} id={healthAnchor(card.key)} class="card" data-status={card.status}>
            <h3>{card.title}</h3>
            <p>
              <MarkWord mark={HEALTH_MARKS[card.status]} />
            </p>
            <p class="card-value">{card.value}</p>
            <p class="card-threshold">{card.threshold}</p>
            <p>{card.detail}</p>
            {card.status !== 'pass' && card.likelyCause !== '' && (
              <p>
                <strong>Likely cause.</strong> {card.likelyCause}
              </p>
            )}
          </li>
        ))}
      </ul>
      {sampleRatio !== undefined && <SampleRatio result={sampleRatio} />}
    </section>
  );
}
