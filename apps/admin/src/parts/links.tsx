// Mantine's looks on the router's anchors, so that everything that leads somewhere is a real link.
import { Anchor, Button, type AnchorProps, type ButtonProps } from '@mantine/core';
import { createLink, type LinkComponent } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, Ref } from 'react';

type Html = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof AnchorProps> & { ref?: Ref<HTMLAnchorElement> };
const MantineAnchor = (props: AnchorProps & Html) => <Anchor {...props} />;
const MantineButton = ({ ref, ...props }: ButtonProps & Omit<Html, keyof ButtonProps> & { ref?: Ref<HTMLAnchorElement> }) => <Button component="a" ref={ref} {...props} />;

export const TextLink: LinkComponent<typeof MantineAnchor> = createLink(MantineAnchor);
export const ButtonLink: LinkComponent<typeof MantineButton> = createLink(MantineButton);
