/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each kind of finding means, in words.
 */
#ifndef KFAIL_REPORTS_KINDS_H
#define KFAIL_REPORTS_KINDS_H

#include "../harness/judge/finding.h"

struct kind_words {
	const char *title; /* a few words */
	const char *help;  /* what it is, and what to look for in the driver */
};

const struct kind_words *kind_words(enum finding_kind kind);

#endif
