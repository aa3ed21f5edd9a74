/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The allocators' numbers at one moment, for the kernel's own files (picture.c, override/show.c).
 */
#ifndef KFAIL_WORLD_PICTURE_H
#define KFAIL_WORLD_PICTURE_H

/* Take a picture now and hold it: whatever is shown until picture_release() shows this moment, however much memory
 * the showing itself takes. */
void picture_hold(void);
void picture_release(void);

#endif
