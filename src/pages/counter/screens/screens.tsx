// The screens beside the queue, and the handover: loaded after it, so that the counter starts with what it needs first.

import type { Route } from '../state';
import { DayPanel } from './dayPanel';
import { GoodsList } from './goodsList';
import { GoodsPanel } from './goodsPanel';
import { LabelPanel } from './labelPanel';
import { ReturnPanel } from './returnPanel';
import { StockPanel } from './stockPanel';
import { WavePanel } from './wavePanel';

export { Handover } from './handover';

export function Screen({ route: { screen, key } }: { route: Route }) {
  if (screen === 'RETURNS') return <ReturnPanel />;
  if (screen === 'DAY') return <DayPanel day={key} />;
  if (screen === 'WAVE') return <WavePanel />;
  if (screen === 'LABEL') return <LabelPanel number={key} />;
  if (screen === 'STOCK') return <StockPanel code={key} />;
  return key === null ? <GoodsList /> : <GoodsPanel key={key} id={key} />;
}
