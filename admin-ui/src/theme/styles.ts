// The order matters: Mantine's layer, its variables, then ours.
import '@fontsource-variable/inter/wght.css';
import '@mantine/core/styles.css';
import 'virtual:theme.css';
import './tokens.css';
import './global.css';
