# SPDX-License-Identifier: GPL-2.0-only
# Where kfail/scenario.h is when the command runs from the source tree.
$(call object,harness/program/compile.c): CFLAGS += \
	-DKFAIL_SCENARIO_INCLUDE='"$(CURDIR)/harness/program/include"'
