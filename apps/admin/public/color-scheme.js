// Sets the theme before the first paint. A file of its own, since the content security policy refuses inline scripts.
(function () {
  var chosen = 'auto';
  try { chosen = localStorage.getItem('mantine-color-scheme-value') || 'auto'; } catch (e) { /* storage is off: follow the system */ }
  var dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
