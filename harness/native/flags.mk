# SPDX-License-Identifier: GPL-2.0-only
# Where the headers of native mode are when the command runs from the source tree.
$(call object,harness/native/compile.c): CFLAGS += \
	-DKFAIL_NATIVE_INCLUDE='"$(CURDIR)/harness/native/include"'
