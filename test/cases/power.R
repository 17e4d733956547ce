# Expected values of test/cases/power.json: power.t.test, pwr, rpact, and Welch's power from R's own t. Run in the root:
#   Rscript test/cases/power.R > test/cases/power.json
suppressMessages({library(pwr); library(rpact)})
source("test/cases/json.R")

# Equal arms, both tails counted: power.t.test and pwr.t.test agree.
equal <- list()
for (k in list(c(5, 1, .05), c(12, .9, .05), c(20, .5, .05), c(20, .5, .01), c(64, .5, .05), c(64, .2, .1), c(150, .3, .005),
               c(500, .2, .05), c(2500, .05, .05), c(10000, .05, .05), c(10000, .02, .025), c(40000, .03, .05))) {
  p <- power.t.test(n = k[1], delta = k[2], sd = 1, sig.level = k[3], strict = TRUE)$power
  stopifnot(abs(p - pwr.t.test(n = k[1], d = k[2], sig.level = k[3])$power) < 1e-10)
  equal[[length(equal) + 1]] <- list(n = k[1], delta = k[2], alpha = k[3], power = p)
}

sizes <- list()
for (k in list(c(.5, 1, .05, .8), c(.5, 1, .05, .9), c(.2, 1, .05, .8), c(.1, 1, .01, .8), c(.168, 9, .05, .8), c(.168, 9, .05, .9),
               c(1, 1, .05, .95), c(2, 1, .05, .8), c(.03, .7, .025, .85), c(.02, 1, .05, .5)))
  sizes[[length(sizes) + 1]] <- list(delta = k[1], sd = k[2], alpha = k[3], power = k[4],
    n = power.t.test(delta = k[1], sd = k[2], sig.level = k[3], power = k[4], strict = TRUE, tol = 1e-13)$n)

detectable <- list()
for (k in list(c(10, 1, .05, .8), c(50, 2, .05, .9), c(400, 9, .05, .8), c(400, 9, .01, .8), c(10000, 9, .05, .8), c(30, .4, .1, .7)))
  detectable[[length(detectable) + 1]] <- list(n = k[1], sd = k[2], alpha = k[3], power = k[4],
    delta = power.t.test(n = k[1], sd = k[2], sig.level = k[3], power = k[4], strict = TRUE, tol = 1e-14)$delta)

# Unequal arms and spreads: the noncentral t at the Welch-Satterthwaite df of the true variances.
welch <- list()
for (k in list(c(19, 10, 1, 1, .8), c(190, 10, 1, 1, .9), c(40, 25, 2, 1, .7), c(950, 50, 9, 9, 3), c(950, 50, 9, 14, 3),
               c(60, 600, 5, 2, .8), c(9500, 500, 9, 9.4, 1.2), c(12, 7, .3, .9, 1.1))) {
  vc <- k[3]^2 / k[1]; vt <- k[4]^2 / k[2]; df <- (vc + vt)^2 / (vc^2 / (k[1] - 1) + vt^2 / (k[2] - 1)); ncp <- k[5] / sqrt(vc + vt)
  q <- qt(.975, df)
  welch[[length(welch) + 1]] <- list(control = k[1], treatment = k[2], sdControl = k[3], sdTreatment = k[4], delta = k[5],
    power = pt(q, df, ncp, lower.tail = FALSE) + pt(-q, df, ncp))
}

# Non-inferiority, equal arms, one-sided t: margin as a difference, and as a ratio (Sasabuchi's test, Fieller's contrast).
design <- function(alpha) getDesignGroupSequential(kMax = 1, alpha = alpha, sided = 1)
inferiority <- list()
for (k in list(c(200, 1, .3, 0), c(200, 1, .3, .05), c(200, 1, .3, -.1), c(1000, 9, 1, 0), c(20, 2, 2, 0)))
  inferiority[[length(inferiority) + 1]] <- list(n = k[1], sd = k[2], margin = k[3], effect = k[4],
    power = getPowerMeans(design(.025), groups = 2, thetaH0 = -k[3], alternative = k[4], stDev = k[2], maxNumberOfSubjects = 2 * k[1])$overallReject)
ratio <- list()
for (k in list(c(300, .4, .05, 1), c(300, .4, .1, 1), c(5000, 1.1, .05, 1.01), c(5000, 1.1, .05, .98), c(40, .3, .2, 1)))
  ratio[[length(ratio) + 1]] <- list(n = k[1], cv = k[2], margin = k[3], truth = k[4],
    power = getPowerMeans(design(.025), groups = 2, meanRatio = TRUE, thetaH0 = 1 - k[3], alternative = k[4], stDev = k[2], maxNumberOfSubjects = 2 * k[1])$overallReject)
inferioritySizes <- list()
for (k in list(c(1, .1, 0, .8), c(9, .5, 0, .9), c(9, .5, .1, .8)))
  inferioritySizes[[length(inferioritySizes) + 1]] <- list(sd = k[1], margin = k[2], effect = k[3], power = k[4],
    units = getSampleSizeMeans(getDesignGroupSequential(kMax = 1, alpha = .025, beta = 1 - k[4], sided = 1), groups = 2, thetaH0 = -k[2],
      alternative = k[3], stDev = k[1])$nFixed)

# Group-sequential, two-sided at 5 %, normal increments: power and mean units at stopping.
sequential <- list()
for (type in c("asOF", "asP")) for (k in list(list(c(.5, 1), .2), list(c(.25, .5, .75, 1), .2), list(seq(.2, 1, .2), .15), list(seq(.1, 1, .1), .25))) {
  d <- getDesignGroupSequential(typeOfDesign = type, alpha = .05, sided = 2, twoSidedPower = TRUE, informationRates = k[[1]])
  p <- getPowerMeans(d, groups = 2, normalApproximation = TRUE, alternative = k[[2]], stDev = 1, maxNumberOfSubjects = 800)
  sequential[[length(sequential) + 1]] <- list(spending = if (type == "asOF") "obrien-fleming" else "pocock", information = row(k[[1]]),
    delta = k[[2]], units = 800, power = p$overallReject, expected = p$expectedNumberOfSubjects)
}

# pwr's shares use the arcsine effect size: close to ours, not equal.
arcsine <- list()
for (k in list(c(.182, .1856, 92000, 1748000), c(.5, .52, 4000, 9000), c(.1, .11, 8000, 8000)))
  arcsine[[length(arcsine) + 1]] <- list(control = k[1], treatment = k[2], treatmentUnits = k[3], controlUnits = k[4],
    power = pwr.2p2n.test(h = ES.h(k[2], k[1]), n1 = k[3], n2 = k[4], sig.level = .05)$power)

cat(json(list(command = "Rscript test/cases/power.R > test/cases/power.json",
  version = paste0(R.version.string, ", pwr ", packageVersion("pwr"), ", rpact ", packageVersion("rpact")),
  equal = equal, sizes = sizes, detectable = detectable, welch = welch, inferiority = inferiority, ratio = ratio,
  inferioritySizes = inferioritySizes, sequential = sequential, arcsine = arcsine)), "\n", sep = "")
