/**
 * What is loaded together. Without this every icon and every part of Mantine that two pages share is a file of its own: more
 * than a hundred requests for a page. Pages, dialogs and languages stay apart.
 */
const lib = (names: string) => new RegExp(`/node_modules/(?:${names})/`);
const mantine = (names: string) => new RegExp(`/@mantine/core/esm/components/(?:${names})/`);

export const chunks = [
  // Every page needs these.
  {
    name: 'core',
    priority: 9,
    test: lib(
      'react|react-dom|scheduler|use-sync-external-store|@tanstack/(?:react-|query-|router-)?(?:router|query|core|store|history)|use-intl|intl-messageformat|@formatjs|openapi-fetch|clsx|tslib|seroval|cookie-es|isbot',
    ),
  },
  { name: 'core', priority: 8, test: /\/@mantine\/core\/esm\/core\/|\/@mantine\/hooks\// },
  {
    name: 'core',
    priority: 8,
    test: mantine('Button|UnstyledButton|ActionIcon|Loader|Text|Title|Group|Kbd|CloseButton|Transition|Code'),
  },
  { name: 'icons', priority: 8, test: lib('@tabler/icons-react') },
  // What opens over the page, and what forms are made of.
  {
    name: 'overlay',
    priority: 7,
    test: lib(
      '@floating-ui/[\\w-]+|react-remove-scroll(?:-bar)?|react-style-singleton|use-sidecar|use-callback-ref|get-nonce|aria-hidden',
    ),
  },
  {
    name: 'overlay',
    priority: 7,
    test: mantine(
      'Popover|Menu|Tooltip|Floating|Portal|OptionalPortal|FocusTrap|ModalBase|Modal|Overlay|ScrollArea|Paper|Combobox|Select|VisuallyHidden|Accordion|Radio',
    ),
  },
  {
    name: 'fields',
    priority: 8,
    test: /\/@mantine\/form\/|\/node_modules\/(?:klona|fast-deep-equal)\/|components\/(?:Input|InputBase|InputsGroupFieldset|TextInput|PasswordInput|Textarea|Alert)\//,
  },
  {
    name: 'table',
    priority: 5,
    test: /\/@tanstack\/(?:react-virtual|virtual-core)\/|\/src\/table\/(?:DataTable|DataRow|HeaderRow|BulkBar|sort|use\w+)\.tsx?/,
  },
  {
    name: 'shared',
    priority: 6,
    minShareCount: 3,
    test: /\/src\/(?:api|auth|format\/(?!phone)|i18n\/(?!en|es)|shell\/(?:commands|shortcuts|nav))|\/src\/ui\/(?!ConflictDialog|ConfirmTyped|FormModal|MaskedValue|toasts|ToastRegion)/,
  },
];
