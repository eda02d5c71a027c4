// The only user of the chart library, which is fetched when the first chart is drawn: the numbers
// needn't wait for it.

import { axisLabel, compact, count } from './format.js';

// Kept, so that once it is here a chart is there at once: a sheet that is about to be printed can't
// wait.
let library = null;

const theme = (host) => {
  const style = getComputedStyle(host);
  const value = (name) => style.getPropertyValue(name).trim();
  return { gold: value('--gold'), deep: value('--gold-deep'), line: value('--blush'),
           text: value('--cream-dim'), rule: value('--hair'), font: style.fontFamily,
           shade: value('--shade') };
};

const axisText = (look) => ({ color: look.text, fontSize: 18, fontFamily: look.font });

function valueAxis(look, position) {
  return { type: 'value', position, splitNumber: 3, minInterval: 1, alignTicks: true,
           axisLabel: { ...axisText(look), formatter: (n) => compact(n, 10000) },
           splitLine: { show: position === 'left', lineStyle: { color: look.rule } } };
}

const NARROW = 320; // px: both names of the legend still stand in one row

function legend(look, width) {
  const room = width < NARROW ? { itemGap: 8, itemWidth: 14 } : { itemGap: 26, itemWidth: 22 };
  return { top: 0, left: 0, itemHeight: 10, selectedMode: false, textStyle: axisText(look), ...room };
}

function option(series, look, words, width) {
  const fade = { type: 'linear', x: 0, y: 0, x2: 0, y2: 1,
                 colorStops: [{ offset: 0, color: look.gold }, { offset: 1, color: look.deep }] };
  return {
    animation: false,
    grid: { left: 4, right: 4, top: 44, bottom: 4, containLabel: true },
    legend: legend(look, width),
    tooltip: { trigger: 'axis', renderMode: 'richText', backgroundColor: look.shade,
               borderColor: look.rule, textStyle: { ...axisText(look), color: look.gold },
               valueFormatter: count },
    xAxis: { type: 'category', data: series.dates, boundaryGap: true,
             axisLabel: { ...axisText(look), formatter: axisLabel, hideOverlap: true,
                          showMaxLabel: true },
             axisTick: { show: false }, axisLine: { lineStyle: { color: look.rule } } },
    yAxis: [valueAxis(look, 'left'), valueAxis(look, 'right')],
    series: [
      { name: words.activities, type: 'bar', data: series.activities, barMaxWidth: 22,
        barCategoryGap: '42%', itemStyle: { color: fade, borderRadius: [4, 4, 0, 0] } },
      { name: words.residents, type: 'line', yAxisIndex: 1, data: series.residents,
        smooth: 0.35, smoothMonotone: 'x', showSymbol: false, symbolSize: 9,
        lineStyle: { width: 3, color: look.line }, itemStyle: { color: look.line } },
    ],
  };
}

/** A chart in HOST: draw(series, words) shows a trend. */
export async function trendChart(host) {
  library ??= import('./echarts.js').catch((error) => {
    library = null;
    throw error;
  });
  const { init } = await library;
  const chart = init(host, null, { renderer: 'svg' });
  chart.getZr().setSleepAfterStill(1); // frames; it would ask for ten more after each drawing
  return {
    draw: (series, words) => chart.setOption(option(series, theme(host), words, host.clientWidth), true),
    resize: () => chart.resize(),
    destroy: () => chart.dispose(),
  };
}
