//! The look of the page, light and dark, narrow and wide.

/// The style sheet. Text in charts is larger on narrow screens, because charts shrink there.
pub const STYLE: &str = "\
:root{color-scheme:light dark;--paper:#fbfbfa;--card:#ffffff;--ink:#1c1f23;--faint:#5c646d;--rule:#dfe2e6;--one:#0058b0;--two:#c05200;\
--three:#00795a;--four:#7f3c9a}\
@media (prefers-color-scheme:dark){:root{--paper:#14171a;--card:#1c2024;--ink:#e7eaed;--faint:#a0a8b0;--rule:#363c43;--one:#6cb2ff;\
--two:#ff9e57;--three:#4fd0a5;--four:#cf9be6}}\
*{box-sizing:border-box}\
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif}\
main{max-width:1180px;margin:0 auto;padding:20px 16px 48px}\
h1{font-size:1.6rem;line-height:1.2;margin:.4em 0 .1em}\
h2{font-size:1.15rem;margin:0 0 .5em}\
p{margin:.4em 0;max-width:70ch}\
.lead,.note,figcaption,th{color:var(--faint)}\
.note,figcaption{font-size:.875rem}\
.break{overflow-wrap:anywhere}\
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:18px 0}\
.tile,section{background:var(--card);border:1px solid var(--rule);border-radius:10px}\
.tile{padding:10px 14px}\
.tile b{display:block;font-size:1.3rem;line-height:1.3;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}\
.tile b.long{font-size:1rem}\
.tile span{color:var(--faint);font-size:.875rem}\
section{padding:16px;margin:14px 0;min-width:0}\
.two{display:grid;grid-template-columns:minmax(0,1fr);gap:14px}\
.two>section{margin:0}\
@media (min-width:900px){.two{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}}\
figure{margin:0}\
.chart{display:block;width:100%;height:auto;max-width:560px;margin:0 auto}\
.chart text{fill:var(--ink);font-size:16px}\
@media (min-width:600px){.chart text{font-size:12px}}\
.chart .tag{paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}\
.chart .axis{stroke:var(--faint);fill:none}\
.chart .grid{stroke:var(--rule);fill:none}\
.chart .mark{fill:var(--card);stroke:var(--ink);stroke-width:1.6}\
.chart .limit{stroke:var(--ink);stroke-dasharray:5 4;fill:none}\
.chart .line{fill:none;stroke-width:2;stroke:var(--c)}\
.chart .band{fill:var(--c);fill-opacity:.18;stroke:none}\
.chart .bar{fill:var(--c);fill-opacity:.4;stroke:var(--c)}\
.c1{--c:var(--one)}.c2{--c:var(--two)}.c3{--c:var(--three)}.c4{--c:var(--four)}\
.key{display:flex;flex-wrap:wrap;gap:4px 16px;padding:0;margin:8px 0;list-style:none;font-size:.875rem}\
.key i{display:inline-block;width:14px;height:10px;border-radius:2px;background:var(--c);margin-right:6px}\
.scroll{overflow-x:auto}\
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}\
th,td{text-align:left;padding:5px 12px 5px 0;border-bottom:1px solid var(--rule);vertical-align:top}\
tr:last-child>*{border-bottom:0}\
thead th{font-weight:600}\
tbody th{font-weight:500;white-space:nowrap}\
@media (max-width:599px){section{padding:12px}\
.list thead{display:none}.list tr{display:block;padding:6px 0;border-bottom:1px solid var(--rule)}.list tr:last-child{border:0}\
.list td,.list tbody th{display:flex;justify-content:space-between;gap:14px;border:0;padding:2px 0;text-align:right;overflow-wrap:anywhere}\
.list tbody th{color:var(--ink);font-weight:600;white-space:normal}\
.list td::before,.list th[data-label]::before{content:attr(data-label);color:var(--faint);font-weight:400;text-align:left;flex-shrink:0}}\
.facts td{overflow-wrap:anywhere}\
.facts th{white-space:normal;width:36%}\
.print{margin:12px 0;overflow-x:auto}\
.print svg{max-width:100%;min-width:700px;height:auto;border-radius:6px;border:1px solid var(--rule)}\
.print h3{font-size:1rem;margin:.6em 0 .3em}\
";
