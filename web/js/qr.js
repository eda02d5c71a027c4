// A QR code as one path, dark on light.

import { svg } from './dom.js';

const QUIET = 4; // modules of light around it, by its standard

export async function qrOf(text, label) {
  const { default: qrcode } = await import('qrcode-generator');
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const n = code.getModuleCount();
  let d = '';
  for (let y = 0; y < n; y += 1) {
    for (let x = 0; x < n; x += 1) if (code.isDark(y, x)) d += `M${x} ${y}h1v1h-1z`;
  }
  const size = n + 2 * QUIET;
  return svg('svg', { class: 'qr', role: 'img', 'aria-label': label, 'shape-rendering': 'crispEdges',
                      viewBox: `${-QUIET} ${-QUIET} ${size} ${size}` },
             svg('rect', { x: -QUIET, y: -QUIET, width: size, height: size, fill: '#fff' }),
             svg('path', { d, fill: '#000' }));
}
