/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where an exporter writes: standard output ("-"), or a file of which a reader sees all or nothing.
 */
#ifndef KFAIL_REPORTS_OUTPUT_H
#define KFAIL_REPORTS_OUTPUT_H

#include <stdio.h>

struct output {
	FILE *file;	 /* to write to */
	char *target;	 /* what the file will be called; NULL: written in place */
	char *temporary; /* what it is called until then */
};

/* 0 or -errno. After success either output_commit() or output_abandon() has to follow. */
int output_open(struct output *output, const char *path);
/* Finish writing and give the file its name. 0 or -errno: then the old file, if any, is
 * untouched. */
int output_commit(struct output *output);
void output_abandon(struct output *output);
/* Whether output_open() and output_commit() would succeed; leaves no file behind. 0 or -errno. */
int output_check(const char *path);

#endif
