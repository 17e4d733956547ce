# Expected values of test/cases/adjustment.json, from the rows of the units: slopes by lm (QR), adjusted values unit by
# unit, Welch's test by t.test. Nothing here is computed from sums. Run in the repository root:
#   Rscript test/cases/adjustment.R > test/cases/adjustment.json
json <- function(x) {
  if (is.list(x)) {
    parts <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(parts, collapse = ",\n"), "]"))
    return(paste0("{", paste0('"', names(x), '": ', parts, collapse = ", "), "}"))
  }
  text <- if (is.character(x)) paste0('"', x, '"') else sprintf("%.17g", x)
  if (is.matrix(x)) {
    dim(text) <- dim(x)
    return(paste0("[", paste(apply(text, 1, function(r) paste0("[", paste(r, collapse = ", "), "]")), collapse = ", "), "]"))
  }
  if (length(x) == 1 && !inherits(x, "AsIs")) return(text)
  paste0("[", paste(text, collapse = ", "), "]")
}
moments <- function(y, x, z) {
  base <- list(n = length(y), y = sum(y), yy = sum(y^2), x = sum(x), xx = sum(x^2), xy = sum(x * y))
  if (ncol(z) == 0) return(base)
  c(base, list(z = list(z = I(colSums(z)), zz = crossprod(z), zy = I(drop(crossprod(z, y))), zx = I(drop(crossprod(z, x))))))
}

cases <- list()
adjust_case <- function(name, kind, y, x, z, arm, stratum, effective = stratum) {
  k <- ncol(z)
  arms <- sort(unique(arm))
  cell <- interaction(effective, arm, drop = TRUE)
  share <- table(effective) / length(effective)
  # Weighted mean over strata of each arm, and the unit values whose slopes are taken.
  over <- function(v, a) sum(sapply(names(share), function(s) share[s] * mean(v[arm == a & effective == s])))
  linear <- y
  raw <- sapply(arms, function(a) over(y, a))
  if (kind == "ratio") {
    below <- sapply(arms, function(a) over(x, a))
    raw <- raw / below
    linear <- (y - raw[arm] * x) / below[arm]
  }
  fit <- if (nlevels(cell) == 1) lm(linear ~ z) else if (k > 0) lm(linear ~ cell + z) else lm(linear ~ cell)
  slopes <- if (k > 0) tail(coef(fit), k) else numeric(0)
  kept <- which(!is.na(slopes))
  theta <- unname(slopes[kept])
  part <- if (length(kept) > 0) drop(z[, kept, drop = FALSE] %*% theta) else rep(0, length(y))
  adjusted <- linear - part
  value <- sapply(arms, function(a) raw[[a]] - sum(sapply(names(share), function(s)
    share[s] * (mean(part[arm == a & effective == s]) - mean(part[effective == s])))))
  one <- length(share) == 1
  v <- function(a, s) { u <- adjusted[arm == a & effective == s]; n <- length(u)
    share[[s]]^2 * (if (kind == "proportion" && one) mean((u - mean(u))^2) / n else var(u) / n) }
  variance <- sapply(arms, function(a) sum(sapply(names(share), function(s) v(a, s))))
  df <- sapply(arms, function(a) variance[[a]]^2 / sum(sapply(names(share), function(s) v(a, s)^2 / (sum(arm == a & effective == s) - 1))))
  plain <- sapply(arms, function(a) { u <- if (kind == "ratio") (y - sum(y[arm == a]) / sum(x[arm == a]) * x)[arm == a] / mean(x[arm == a]) else y[arm == a]
    (if (kind == "proportion") mean((u - mean(u))^2) else var(u)) / length(u) })
  reduction <- 1 - (variance[[2]] + variance[[1]]) / (plain[[2]] + plain[[1]])
  welch <- list()
  if (one && kind == "mean") {
    test <- t.test(adjusted[arm == 2], adjusted[arm == 1])
    stopifnot(abs(test$stderr / sqrt(variance[[1]] + variance[[2]]) - 1) < 1e-12)
    welch <- list(welch = list(estimate = unname(test$estimate[1] - test$estimate[2]), standardError = test$stderr, df = unname(test$parameter), p = test$p.value))
  }
  given <- sort(unique(stratum))
  cases[[length(cases) + 1]] <<- c(list(name = name, kind = kind,
    strata = lapply(given, function(s) lapply(arms, function(a) { rows <- stratum == s & arm == a; moments(y[rows], x[rows], z[rows, , drop = FALSE]) })),
    kept = I(kept - 1), theta = I(theta), value = I(unname(value)), variance = I(unname(variance)), df = I(unname(df)),
    reduction = reduction, used = length(share)), welch)
}

set.seed(20261001)
draw <- function(kind, n, k, arms, strata) {
  arm <- sample(arms, n, TRUE)
  stratum <- if (strata > 1) sample(strata, n, TRUE, prob = seq_len(strata)) else rep(1, n)
  z <- matrix(0, n, k)
  hidden <- rnorm(n) + stratum
  for (j in seq_len(k)) z[, j] <- round(exp(0.4 * hidden + rnorm(n, 0, 0.6)) * 10^(j - 1))
  x <- rep(1, n)
  if (kind == "mean") y <- round(10 * exp(0.5 * hidden + 0.1 * arm + rnorm(n, 0, 0.5)))
  if (kind == "proportion") y <- as.numeric(runif(n) < plogis(0.8 * hidden - 1 + 0.1 * arm))
  if (kind == "ratio") { x <- 1 + rpois(n, exp(0.4 * hidden + 1)); y <- rbinom(n, x, plogis(-1 + 0.3 * hidden)) }
  list(y = y, x = x, z = z, arm = arm, stratum = stratum)
}
for (kind in c("mean", "proportion", "ratio")) for (strata in c(1, 4)) for (k in c(0, 1, 2, 4)) for (arms in c(2, 3)) {
  d <- draw(kind, if (k == 4) 900 else 240, k, arms, strata)
  adjust_case(sprintf("%s, %d covariates, %d strata, %d arms", kind, k, strata, arms), kind, d$y, d$x, d$z, d$arm, d$stratum)
}
for (kind in c("mean", "proportion", "ratio")) {
  d <- draw(kind, 300, 2, 2, 1)
  adjust_case(paste0(kind, ", collinear and constant covariates dropped"), kind, d$y, d$x, cbind(d$z[, 1], 7, d$z[, 2], 3 * d$z[, 1] - d$z[, 2] + 5), d$arm, d$stratum)
  # Two strata that arm 2 hardly reached: they go into one rest stratum, which is still too small and takes the smallest.
  d <- draw(kind, 400, 1, 2, 3)
  tiny <- rep(0, 400); tiny[which(d$arm == 1)[1:9]] <- c(4, 4, 4, 4, 5, 5, 5, 5, 5); tiny[which(d$arm == 2)[1]] <- 4
  stratum <- ifelse(tiny > 0, tiny, d$stratum)
  adjust_case(paste0(kind, ", strata merged"), kind, d$y, d$x, d$z, d$arm, stratum, ifelse(stratum >= 4 | stratum == 1, 9, stratum))
}
cat(json(list(command = "Rscript test/cases/adjustment.R", version = R.version.string, cases = cases)), "\n")
