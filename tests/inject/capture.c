// SPDX-License-Identifier: GPL-2.0-only
#include "capture.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

char *stderr_of(void (*body)(void))
{
	char *text = calloc(1, 4096);
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fflush(stderr);
	dup2(fileno(file), STDERR_FILENO);
	body();
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(file);
	CU_ASSERT_NOT_EQUAL(fread(text, 1, 4095, file), (size_t)-1);
	fclose(file);
	return text;
}
