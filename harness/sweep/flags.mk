# SPDX-License-Identifier: GPL-2.0-only
# gcc would rather have "rep stos" than a call of memset(), which for some hundred bytes takes several times as long.
$(call object,harness/sweep/run.c): CFLAGS += -fno-builtin-memset
